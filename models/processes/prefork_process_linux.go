package processes

import (
	"encoding/json"
	"maps"
	"net"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

const (
	answerPatience = time.Second // how long a child that is asked for its counters may take
	cutPatience    = time.Second // how long one that is told to end at once still lives
)

type preforkChild struct {
	cmd     *exec.Cmd
	control net.Conn
	done    chan struct{} // closed when the process has ended
	err     error         // after that: why; nil if it was told to

	mu    sync.Mutex
	last  preforkReport // the newest
	said  chan struct{} // closed by the next report
	asked int           // the number of the last question
	kill  *time.Timer   // set once it is told to end at once
}

func startChild(is childSpec) (*preforkChild, error) {
	spec, err := json.Marshal(is)
	if err != nil {
		return nil, err
	}
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	control, theirs, err := controlPair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	cmd := exec.Command(path, "prefork")
	cmd.Env = append(os.Environ(), childEnv+"="+string(spec))
	cmd.Stderr = os.Stderr
	cmd.ExtraFiles = []*os.File{childControl - 3: theirs}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		control.Close()
		return nil, err
	}
	return &preforkChild{cmd: cmd, control: control, done: make(chan struct{}), said: make(chan struct{})}, nil
}

func (c *preforkChild) awaitReady() error {
	if c.await(func(r preforkReport) bool { return r.Counters != nil }, nil) {
		return nil
	}
	return c.err
}

// tell gives an order. One that cannot be given is for a child that has ended.
func (c *preforkChild) tell(o preforkOrder) error {
	c.control.SetWriteDeadline(time.Now().Add(answerPatience))
	return json.NewEncoder(c.control).Encode(o)
}

// cut tells the child to end at once, and sees to it that it does.
func (c *preforkChild) cut() {
	c.mu.Lock()
	if c.kill == nil {
		c.kill = time.AfterFunc(cutPatience, func() { c.cmd.Process.Kill() })
	}
	c.mu.Unlock()
	c.tell(preforkOrder{Do: orderCut})
}

// count asks for the counters. Of a child that does not answer they are the last known.
func (c *preforkChild) count() map[string]int64 {
	c.mu.Lock()
	c.asked++
	id := c.asked
	c.mu.Unlock()
	if c.tell(preforkOrder{orderCount, id}) == nil {
		c.await(func(r preforkReport) bool { return r.ID >= id || r.Final }, time.After(answerPatience))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.last.Counters)
}

// await waits until the newest report is as wanted. It is false if the child has ended
// without one, or late comes first.
func (c *preforkChild) await(wanted func(preforkReport) bool, late <-chan time.Time) bool {
	for {
		c.mu.Lock()
		last, said := c.last, c.said
		c.mu.Unlock()
		if wanted(last) {
			return true
		}
		select {
		case <-said:
		case <-c.done:
			return false
		case <-late:
			return false
		}
	}
}
