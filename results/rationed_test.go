package results

import (
	"math"
	"path/filepath"
	"strings"
	"syscall"
)

// rationed is a disk with room for a number of steps. A byte of a write is one, and
// so is each other change. It flushes nothing, which would take a test minutes.
type rationed struct {
	system
	left   int
	asked  []int                   // steps of each change
	last   string                  // what was asked of it last
	beyond func(what string) error // what becomes of a step when none is left; nil for nothing
	opened []file
	held   []*Folder
}

const unlimited = math.MaxInt

// take takes n steps, or as many as there are left.
func (d *rationed) take(n int, what string) (int, error) {
	d.last = what
	d.asked = append(d.asked, n)
	some := min(n, d.left)
	d.left -= some
	if some < n {
		return some, d.beyond(what)
	}
	return n, nil
}

// interesting is after how many steps a process is interrupted: before each change, and
// of a write near both ends and here and there between them, where one byte is like another.
func (d *rationed) interesting() []int {
	var steps []int
	before := 0
	for _, n := range d.asked {
		for step := range n {
			if step < 3 || step%23 == 0 || step >= n-3 {
				steps = append(steps, before+step)
			}
		}
		before += n
	}
	return steps
}

func (d *rationed) open(path string, flag int) (file, error) {
	f, err := d.system.open(path, flag)
	if err != nil {
		return nil, err
	}
	d.opened = append(d.opened, f)
	return &rationedFile{f, d, filepath.Base(path)}, nil
}

func (d *rationed) hold(dir string) (*Folder, error) {
	f, err := d.system.hold(dir)
	if err == nil {
		d.held = append(d.held, f)
	}
	return f, err
}

// die closes what a process had open that has ended.
func (d *rationed) die() {
	for _, f := range d.opened {
		f.Close()
	}
	for _, f := range d.held {
		f.Release()
	}
}

func (d *rationed) move(from, to string, fresh bool) error {
	if _, err := d.take(1, "move"); err != nil {
		return err
	}
	return d.system.move(from, to, fresh)
}

func (d *rationed) sync(string) error {
	_, err := d.take(1, "sync a folder")
	return err
}

type rationedFile struct {
	file
	disk *rationed
	name string
}

func (f *rationedFile) Write(b []byte) (int, error) {
	room := min(len(b), f.disk.left)
	if n, err := f.file.Write(b[:room]); err != nil { // first: take may end the process
		return n, err
	}
	return f.disk.take(len(b), "write "+f.name)
}

func (f *rationedFile) Truncate(size int64) error {
	if _, err := f.disk.take(1, "truncate "+f.name); err != nil {
		return err
	}
	return f.file.Truncate(size)
}

func (f *rationedFile) Sync() error {
	_, err := f.disk.take(1, "sync "+f.name)
	return err
}

// full has no room for a byte and cuts a file off all the same.
func full(what string) error {
	if strings.HasPrefix(what, "write ") || strings.HasPrefix(what, "sync ") && what != "sync a folder" {
		return syscall.ENOSPC
	}
	return nil
}

// stuck does not even do that.
func stuck(what string) error {
	if strings.HasPrefix(what, "truncate ") {
		return syscall.EIO
	}
	return full(what)
}
