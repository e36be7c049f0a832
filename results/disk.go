package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// disk is what writing a run's folder asks of the file system. A test puts one in
// its place that is full, or ends half-way.
type disk interface {
	// open opens a file to write, with the flags of [os.OpenFile].
	open(path string, flag int) (file, error)
	// move gives a file its final name. If fresh, one that has the name already is
	// an error that is [fs.ErrExist].
	move(from, to string, fresh bool) error
	// hold keeps other processes from writing into a folder; see [HoldFolder].
	hold(dir string) (*Folder, error)
	// sync returns when the names in a folder would survive a crash.
	sync(dir string) error
}

// file is an [os.File] that is written.
type file interface {
	io.WriteCloser
	Truncate(size int64) error
	Sync() error
}

// system is the real disk.
type system struct{}

var _ disk = system{}

func (system) open(path string, flag int) (file, error) {
	f, err := os.OpenFile(path, flag, 0o644)
	if err != nil {
		return nil, err // and not a file of nothing
	}
	return f, nil
}

func (system) move(from, to string, fresh bool) error {
	if !fresh {
		return os.Rename(from, to)
	}
	switch err := os.Link(from, to); {
	case err == nil:
		os.Remove(from) // or Reopen does
		return nil
	case errors.Is(err, fs.ErrExist):
		return err
	}
	// A file system without hard links cannot do both at once.
	if _, err := os.Lstat(to); err == nil {
		return &fs.PathError{Op: "rename", Path: to, Err: fs.ErrExist}
	}
	return os.Rename(from, to)
}

func (system) hold(dir string) (*Folder, error) { return HoldFolder(dir) }

func (system) sync(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil // this file system does so unasked, or never
}

// temporarySuffix ends the name of a file that is not whole yet.
const temporarySuffix = ".tmp"

// writeWhole writes a file that is there as a whole or not at all, whatever
// interrupts that. If fresh, one that is there already is an error, and stays.
func writeWhole(d disk, path string, b []byte, fresh bool) error {
	if err := replace(d, path, b, true, fresh); err != nil {
		return err
	}
	return d.sync(filepath.Dir(path))
}

// replace writes a file beside the path, on the disk if sync says so, and gives it that name.
func replace(d disk, path string, b []byte, sync, fresh bool) error {
	temporary := fmt.Sprintf("%s.%d%s", path, os.Getpid(), temporarySuffix)
	err := write(d, temporary, b, sync)
	if err == nil {
		err = d.move(temporary, path, fresh)
	}
	if err != nil {
		os.Remove(temporary)
	}
	return err
}

// SaveJSON writes a value as a file of a run's folder that is there as a whole, or as it was, and on
// the disk when it returns.
func SaveJSON(path string, value any) error { return writeJSON(system{}, path, value, false) }

func writeJSON(d disk, path string, value any, fresh bool) error {
	b, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	return writeWhole(d, path, append(b, '\n'), fresh)
}

// WriteFile writes a file of a run's folder that can be made again. It is there as a
// whole, or as it was; a link that has its name is replaced and not followed.
func WriteFile(path string, b []byte) error {
	if err := replace(system{}, path, b, false, false); err != nil {
		return fmt.Errorf("write %s: %w", path, cause(err))
	}
	return nil
}

// cause is an error of the system without the path that it is about.
func cause(err error) error {
	if errno := syscall.Errno(0); errors.As(err, &errno) {
		return errno
	}
	return err
}

// write writes a new file, which is on the disk when it returns if sync says so.
func write(d disk, path string, b []byte, sync bool) error {
	const fresh = os.O_CREATE | os.O_EXCL | os.O_WRONLY
	f, err := d.open(path, fresh)
	if errors.Is(err, fs.ErrExist) {
		os.Remove(path) // of a process that had our number and was killed
		f, err = d.open(path, fresh)
	}
	if err != nil {
		return err
	}
	if _, err = f.Write(b); err == nil && sync {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// temporaryName is that of what writeWhole and WriteFile have left where they were interrupted.
var temporaryName = pattern(`^(run\.json|[0-9]+(-[0-9]+)?\.hlog|[0-9]+\.(json|(program\.)?pb\.gz)|(summary|table)\.csv|(bench|table|tune|choice)\.txt|(table|claims)\.json|table\.md|report\.html)\.[0-9]+\.tmp$`)

func isTemporary(name string) bool { return temporaryName().MatchString(name) }

// removeTemporary removes what was left in a run's folder, or in one of those in it.
func removeTemporary(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if isTemporary(e.Name()) {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// makeFolder makes a folder and those above it, so that all survive a crash.
func makeFolder(d disk, dir string) error {
	var grown []string // the folders with a new name in them
	for missing := dir; ; missing = filepath.Dir(missing) {
		if _, err := os.Lstat(missing); err == nil || missing == filepath.Dir(missing) {
			break
		}
		grown = append(grown, filepath.Dir(missing))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, dir := range grown {
		if err := d.sync(dir); err != nil {
			return err
		}
	}
	return nil
}

// Subfolder makes a folder in a run's folder, if there is none. A link in its place is an
// error, since what is written there would be elsewhere.
func Subfolder(dir string) error { return subfolder(system{}, dir) }

func subfolder(d disk, dir string) error {
	if err := makeFolder(d, dir); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is a link: a run's files are in its folder", dir)
	}
	return err
}
