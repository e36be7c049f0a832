package kernel

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Direct descriptors: a ring's own table of files, whose places operations name instead of
// descriptors. No file in it takes one of the process, so that the limit of these holds for
// each table by itself, and not for their sum (Linux 5.19).

const (
	uringOpClose = 19

	uringFixedFile     = 1 << 0 // of an entry's flags
	uringAnyPlace      = 1<<32 - 1
	uringCancelByFixed = 1 << 3 // of a cancellation's

	uringRegisterFiles = 13 // IORING_REGISTER_FILES2
	uringSparse        = 1 << 0
)

// ReserveFiles gives r a table of files, as many as the process may have descriptors and at the
// most so many, and returns how many places that is. From then on Accept puts connections there, and what
// operations name is a place in it, but for the listening descriptor and that of Watch.
func (r *Ring) ReserveFiles(most int) (places int, err error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, err
	}
	places = int(min(limit.Cur, uint64(most)))
	reg := struct {
		n, flags   uint32
		_          uint64
		data, tags uint64
	}{n: uint32(places), flags: uringSparse}
	if err := r.register(uringRegisterFiles, unsafe.Pointer(&reg), unsafe.Sizeof(reg)); err != nil {
		return 0, fmt.Errorf("a table of %d files: %w", places, err)
	}
	r.direct = true
	return places, nil
}

// file is an entry's flags for a file of r.
func (r *Ring) file() uint8 {
	if r.direct {
		return uringFixedFile
	}
	return 0
}

// CloseFile closes the file at a place of the table, which is free for another then. It completes only
// with an error.
func (r *Ring) CloseFile(place int, tag uint64) {
	e := r.next()
	e.opcode, e.flags, e.fileIndex, e.data = uringOpClose, uringSkipSuccess, uint32(place)+1, tag
}
