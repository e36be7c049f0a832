package results

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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
	temporary := fmt.Sprintf("%s.%d%s", path, os.Getpid(), temporarySuffix)
	err := write(d, temporary, b)
	if err == nil {
		err = d.move(temporary, path, fresh)
	}
	if err != nil {
		os.Remove(temporary)
		return err
	}
	return d.sync(filepath.Dir(path))
}

func write(d disk, path string, b []byte) error {
	f, err := d.open(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY)
	if err != nil {
		return err
	}
	if _, err = f.Write(b); err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// removeTemporary removes what writeWhole has left in a folder when it was
// interrupted.
func removeTemporary(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		ours := strings.HasPrefix(e.Name(), runFile) || strings.Contains(e.Name(), logSuffix)
		if ours && strings.HasSuffix(e.Name(), temporarySuffix) {
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
