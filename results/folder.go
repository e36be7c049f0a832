package results

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrInUse is wrapped by the error for a folder that another process writes into.
var ErrInUse = errors.New("in use")

// Folder is a run's folder, or one of several runs, which no other process writes into
// as long as this one holds it: by flock(2) on the folder itself, which leaves no file
// there and ends with the process, however that ends. Processes that this one starts do
// not inherit it.
type Folder struct {
	Dir    string
	Locked bool // false where the file system has no such locks: another may hold it too
	lock   *os.File
}

// NewFolder makes a folder, or takes an empty one, and holds it. One that has anything in
// it is an error, but for what a start that was interrupted has left there.
func NewFolder(dir string) (*Folder, error) { return newFolder(system{}, dir) }

func newFolder(d disk, dir string) (*Folder, error) {
	if err := makeFolder(d, dir); err != nil {
		return nil, err
	}
	if _, err := leftovers(dir); err != nil {
		return nil, err
	}
	f, err := d.hold(dir)
	if err != nil {
		return nil, err
	}
	left, err := leftovers(dir) // now that nobody else may begin there
	for _, path := range left {
		err = errors.Join(err, os.Remove(path))
	}
	if err != nil {
		f.Release()
		return nil, err
	}
	return f, nil
}

// HoldFolder holds a folder that is there. If another process does, the error wraps
// [ErrInUse] and names that process where the system says which it is.
func HoldFolder(dir string) (*Folder, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: dir, Err: syscall.ENOTDIR}
	}
	lock, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		lock.Close()
		return nil, fmt.Errorf("%s is %w by %s", dir, ErrInUse, holder(info))
	}
	return &Folder{dir, err == nil, lock}, nil
}

// Release lets others write into the folder.
func (f *Folder) Release() error {
	syscall.Flock(int(f.lock.Fd()), syscall.LOCK_UN) // also of a copy in a process that is just being started
	return f.lock.Close()
}

// holder names the process that has locked a file, as far as /proc/locks tells.
func holder(info fs.FileInfo) string {
	stat, _ := info.Sys().(*syscall.Stat_t)
	locks, err := os.ReadFile("/proc/locks")
	if stat == nil || err != nil {
		return "another process"
	}
	for lines := bufio.NewScanner(bytes.NewReader(locks)); lines.Scan(); {
		// 1: FLOCK  ADVISORY  WRITE 4711 fd:01:1234 0 EOF
		fields := strings.Fields(lines.Text())
		if len(fields) < 6 || fields[1] != "FLOCK" || !strings.HasSuffix(fields[5], ":"+strconv.FormatUint(stat.Ino, 10)) {
			continue
		}
		if pid, err := strconv.Atoi(fields[4]); err == nil && pid > 0 {
			return fmt.Sprintf("process %d", pid)
		}
	}
	return "another process"
}

// leftovers are the temporary files in a folder that an interrupted Create has begun, and
// an error where there is anything else.
func leftovers(dir string) (temporary []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, e := range entries {
		names[e.Name()] = true
	}
	if names[runFile] {
		return nil, fmt.Errorf("%s holds a run already", dir)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch begun := names[histogramsDir] && names[trialsFile]; {
		case e.Name() == histogramsDir && e.IsDir() && isEmpty(path):
		case e.Name() == trialsFile && e.Type().IsRegular() && sizeOf(e) == 0:
		case begun && e.Type().IsRegular() && strings.HasPrefix(e.Name(), runFile) && isTemporary(e.Name()):
			temporary = append(temporary, path)
		default:
			return nil, fmt.Errorf("%s is not empty (it has %q): a run's folder is new or empty", dir, e.Name())
		}
	}
	return temporary, nil
}

func isEmpty(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && len(entries) == 0
}

// sizeOf is -1 where it cannot be told.
func sizeOf(e fs.DirEntry) int64 {
	info, err := e.Info()
	if err != nil {
		return -1
	}
	return info.Size()
}

// DatedFolder makes a folder in parent whose name is a time, with a number behind it
// where that is taken.
func DatedFolder(parent string, t time.Time) (string, error) {
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", err
	}
	name := filepath.Join(parent, t.Format("20060102-150405"))
	dir := name
	for n := 2; ; n++ {
		err := os.Mkdir(dir, 0o755)
		if !errors.Is(err, fs.ErrExist) {
			return dir, err
		}
		dir = fmt.Sprintf("%s-%d", name, n)
	}
}
