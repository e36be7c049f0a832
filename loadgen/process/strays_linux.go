package process

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// launched are the process groups of the processes that run. Who looks for strays holds
// its lock, so that what is just being started is not taken for one.
var launched = struct {
	sync.RWMutex
	mu     sync.Mutex // for groups, of those who start
	groups map[int]bool
}{groups: map[int]bool{}}

// enlist calls start, and notes the group of the process whose number it returns.
func enlist(start func() (pid int, err error)) error {
	launched.RLock()
	defer launched.RUnlock()
	pid, err := start()
	if err != nil {
		return err
	}
	launched.mu.Lock()
	defer launched.mu.Unlock()
	launched.groups[pid] = true
	return nil
}

// adopt makes this process the parent of what its children leave behind, and returns
// the children that it has.
func adopt() []int {
	unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	return children()
}

// children lists those of this process; none where the kernel does not say.
func children() []int {
	var all []int
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for field := range bytes.FieldsSeq(text) {
			if pid, err := strconv.Atoi(string(field)); err == nil {
				all = append(all, pid)
			}
		}
	}
	return all
}

// markName is the variable that tells what one foreign process has started from what
// another has that runs beside it.
const markName = "CONNBENCH_SERVER"

var marks atomic.Int64

func newMark() string { return fmt.Sprintf("%s=%d.%d", markName, os.Getpid(), marks.Add(1)) }

// mayBeOf reports whether a process comes from p: its environment does not say that it
// comes from another.
func (p *Process) mayBeOf(pid int) bool {
	environment, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid)) // empty of one that waits to be reaped
	for variable := range bytes.SplitSeq(environment, []byte{0}) {
		if bytes.HasPrefix(variable, []byte(markName+"=")) {
			return string(variable) == p.mark
		}
	}
	return true
}

// strays lists the processes that have left the group and the tree of a foreign process:
// this process has become their parent. One that is still below its own in the tree is
// none yet.
func (p *Process) strays() []int {
	if !p.foreign {
		return nil
	}
	launched.Lock()
	defer launched.Unlock()
	var all []int
	for _, pid := range children() {
		group, err := unix.Getpgid(pid)
		if err == nil && group != unix.Getpgrp() && !launched.groups[group] && !slices.Contains(p.before, pid) && p.mayBeOf(pid) {
			all = append(all, pid)
		}
	}
	return all
}

// Strays names the processes that a foreign one has started and that have left it, to
// go on by themselves: what they use is not seen in its tree. Stop ends them.
func (p *Process) Strays() []string {
	var names []string
	for _, pid := range p.strays() {
		// Empty where it has ended and waits to be reaped.
		if command, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); len(command) > 0 {
			names = append(names, fmt.Sprintf("process %d (%s)", pid, Plain(string(bytes.ReplaceAll(command, []byte{0}, []byte{' '})))))
		}
	}
	return names
}

const (
	strayTries = 200
	strayPause = 10 * time.Millisecond
)

// dismiss ends what a process that has ended itself has left behind: the rest of its
// group has been killed, and of a foreign one there may be strays. Each that ends may
// leave its own children, so this goes on until there is nothing more.
func (p *Process) dismiss() error {
	defer func() {
		launched.Lock()
		defer launched.Unlock()
		delete(launched.groups, p.PID())
	}()
	for range strayTries {
		left := !reaped(-p.PID())
		for _, pid := range p.strays() {
			syscall.Kill(pid, syscall.SIGKILL)
			reaped(pid)
			left = true
		}
		if !left {
			return nil
		}
		time.Sleep(strayPause)
	}
	return fmt.Errorf("left %s running", strings.Join(p.Strays(), ", "))
}

// reaped reaps a child, or a group of them with a minus before its number, as far as
// these have ended, and reports whether there are no more.
func reaped(pid int) bool {
	for {
		n, err := unix.Wait4(pid, nil, unix.WNOHANG, nil)
		if n <= 0 && err != unix.EINTR {
			return err != nil
		}
	}
}
