package claims

import (
	"io"
	"os"
	"time"

	"connbench/loadgen/process"

	"golang.org/x/sys/unix"
)

type price struct {
	change time.Duration // from one thread to another on the same CPU
	fault  time.Duration // a page touched for the first time
}

const (
	rounds = 5000 // between two threads
	pages  = 8192 // to touch
)

// noHugePages keeps Linux from making one large page of many (MADV_NOHUGEPAGE); no other
// system knows it.
const noHugePages = 15

func priceOn(cpus []int) (p price, err error) {
	if len(cpus) > 1 {
		cpus = cpus[:1]
	}
	if p.fault, err = faultPrice(cpus); err != nil {
		return p, err
	}
	p.change, err = changePrice(cpus)
	return p, err
}

func faultPrice(cpus []int) (each time.Duration, err error) {
	err = process.OnCPUs(cpus, func() error {
		size := os.Getpagesize()
		b, err := unix.Mmap(-1, 0, pages*size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
		if err != nil {
			return err
		}
		defer unix.Munmap(b)
		unix.Madvise(b, noHugePages)
		start := time.Now()
		for i := 0; i < len(b); i += size {
			b[i] = 1
		}
		each = time.Since(start) / pages
		return nil
	})
	return each, err
}

// changePrice has a byte go to and fro between two threads on one CPU, as lmbench does
// (L. McVoy, C. Staelin, "lmbench: portable tools for performance analysis", 1996),
// and takes off what the calls for it cost a thread alone.
func changePrice(cpus []int) (time.Duration, error) {
	there, err := newPipe()
	if err != nil {
		return 0, err
	}
	defer there.close()
	back, err := newPipe()
	if err != nil {
		return 0, err
	}
	defer back.close()
	echoed := make(chan error, 1)
	go func() {
		echoed <- process.OnCPUs(cpus, func() error { _, err := timed(there.read, back.write); return err })
	}()
	var both, alone time.Duration
	err = process.OnCPUs(cpus, func() (err error) {
		if both, err = timed(there.write, back.read); err != nil {
			return err
		}
		alone, err = timed(there.write, there.read)
		return err
	})
	if err != nil {
		return 0, err
	}
	if err := <-echoed; err != nil {
		return 0, err
	}
	return max(0, both-2*alone) / (2 * rounds), nil
}

func timed(calls ...func() error) (time.Duration, error) {
	start := time.Now()
	for range rounds {
		for _, call := range calls {
			if err := call(); err != nil {
				return 0, err
			}
		}
	}
	return time.Since(start), nil
}

// pipe moves a byte at a time, and its calls block their thread.
type pipe [2]int

func newPipe() (p pipe, err error) { return p, unix.Pipe(p[:]) }

func (p pipe) write() error { return moved(unix.Write(p[1], []byte{0})) }
func (p pipe) read() error  { return moved(unix.Read(p[0], make([]byte, 1))) }

func moved(n int, err error) error {
	if err == nil && n != 1 {
		err = io.ErrUnexpectedEOF
	}
	return err
}

func (p pipe) close() {
	unix.Close(p[0])
	unix.Close(p[1])
}
