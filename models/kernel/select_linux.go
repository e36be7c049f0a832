package kernel

import (
	"fmt"
	"math/bits"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// SelectLimit is FD_SETSIZE: a descriptor of that number or more cannot be watched
// by select.
const SelectLimit = unix.FD_SETSIZE

// SelectSet watches descriptors by select(2), with the methods of [Poller]. Each wait
// gives the kernel the whole sets, which looks at every descriptor in them, and is
// searched for what has come back. All methods but Wake are for one thread.
//
// What select cannot do: Broken is not reported by itself, but an error as whatever is
// asked for, and an end as something to read; a descriptor that nothing is asked for is
// not watched at all. There is no Edge.
type SelectSet struct {
	wakeup
	want selectSets
	got  selectSets // of the last wait: what has not been returned yet
	word int        // where in got that begins
	high int        // words of want in use

	limit unix.Timespec // of the call that waits; here, where it does not move
}

// selectSets are a bit a descriptor, to read from and to write to.
type selectSets struct{ read, write unix.FdSet }

const (
	setBits  = unix.NFDBITS
	setWords = SelectLimit / setBits
)

// NewSelectSet opens a SelectSet; the caller closes it.
func NewSelectSet() (*SelectSet, error) {
	s := &SelectSet{word: setWords}
	return s, s.open(s.Add)
}

// Close releases the SelectSet, not the descriptors that were added.
func (s *SelectSet) Close() { s.wakeup.close() }

// Add starts reporting events of fd, which is below [SelectLimit].
func (s *SelectSet) Add(fd int, events uint32) error {
	if fd < 0 || fd >= SelectLimit {
		return fmt.Errorf("select cannot watch descriptor %d, only those below %d", fd, SelectLimit)
	}
	return s.Modify(fd, events)
}

// Modify changes the events asked for.
func (s *SelectSet) Modify(fd int, events uint32) error {
	setBit(&s.want.read, fd, events&Readable != 0)
	setBit(&s.want.write, fd, events&Writable != 0)
	s.high = max(s.high, fd/setBits+1)
	for s.high > 0 && s.want.either(s.high-1) == 0 {
		s.high--
	}
	return nil
}

// Remove ends reporting events of fd. It comes before fd is closed.
func (s *SelectSet) Remove(fd int) error {
	s.Modify(fd, 0)
	s.got.read.Clear(fd)
	s.got.write.Clear(fd)
	return nil
}

func setBit(set *unix.FdSet, fd int, on bool) {
	if on {
		set.Set(fd)
	} else {
		set.Clear(fd)
	}
}

// Poll returns the events that are there, without waiting.
func (s *SelectSet) Poll(events []unix.EpollEvent) (int, error) {
	return s.next(unix.RawSyscall6, events, 0)
}

// Wait waits for events, at most for timeout if that is not negative. It may
// return none early.
func (s *SelectSet) Wait(events []unix.EpollEvent, timeout time.Duration) (int, error) {
	return s.next(unix.Syscall6, events, timeout)
}

// next returns what is left of the last wait, or waits by call if there is nothing.
func (s *SelectSet) next(call syscall6, events []unix.EpollEvent, timeout time.Duration) (int, error) {
	if n := s.collect(events); n > 0 {
		return n, nil
	}
	s.got = s.want
	limit := &s.limit
	*limit = unix.NsecToTimespec(int64(timeout))
	if timeout < 0 {
		limit = nil
	}
	n, _, errno := call(unix.SYS_PSELECT6, uintptr(s.high*setBits), uintptr(unsafe.Pointer(&s.got.read)), uintptr(unsafe.Pointer(&s.got.write)), 0, uintptr(unsafe.Pointer(limit)), 0)
	ready, err := counted("select", n, errno)
	if ready == 0 {
		return 0, err // and the sets are as they were
	}
	s.word = 0
	return s.collect(events), nil
}

// collect moves what got holds into events, as far as there is room.
func (s *SelectSet) collect(events []unix.EpollEvent) int {
	n := 0
	for ; s.word < s.high; s.word++ {
		read, write := s.got.word(s.word)
		wantRead, wantWrite := s.want.word(s.word)
		read, write = read&wantRead, write&wantWrite
		for rest := read | write; rest != 0; rest &= rest - 1 {
			if n == len(events) {
				return n
			}
			bit := bits.TrailingZeros64(rest)
			fd := s.word*setBits + bit
			events[n] = unix.EpollEvent{Fd: int32(fd), Events: uint32(read>>bit&1*Readable | write>>bit&1*Writable)}
			n++
			s.got.read.Clear(fd)
			s.got.write.Clear(fd)
		}
	}
	s.word = setWords
	return n
}

func (s *selectSets) word(i int) (read, write uint64) {
	const all = 1<<setBits - 1
	return uint64(s.read.Bits[i]) & all, uint64(s.write.Bits[i]) & all
}

func (s *selectSets) either(i int) uint64 {
	read, write := s.word(i)
	return read | write
}
