package processes

import (
	"encoding/json"
	"fmt"
)

// watch takes the child's reports until it has ended, and finds out why it has.
func (c *preforkChild) watch() {
	for reports := json.NewDecoder(c.control); ; {
		var r preforkReport
		if reports.Decode(&r) != nil {
			break
		}
		c.note(r)
	}
	c.mu.Lock()
	last, told := c.last, c.kill != nil
	c.mu.Unlock()
	if !last.Final { // it is dying already, unless it talks nonsense
		c.cmd.Process.Kill()
	}
	c.cmd.Wait()
	c.control.Close()
	switch pid := c.cmd.Process.Pid; {
	case last.Error != "":
		c.err = fmt.Errorf("process %d: %s", pid, last.Error)
	case !last.Final && !told:
		c.err = fmt.Errorf("process %d has died: %v", pid, c.cmd.ProcessState)
	}
	c.settle(told)
}

// note takes a report. What an earlier one said about the end, or answered, stays said.
func (c *preforkChild) note(r preforkReport) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r.ID = max(r.ID, c.last.ID)
	if c.last.Final {
		r.Final, r.Error = true, c.last.Error
	}
	c.last = r
	close(c.said)
	c.said = make(chan struct{})
}

// settle closes the books of a child that has ended. The connections that it had when it
// was last asked, and did not tell the end of, were cut, or lost with it.
func (c *preforkChild) settle(told bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kill != nil {
		c.kill.Stop()
	}
	if known := c.last.Counters; !c.last.Final && known != nil {
		class := "failed"
		if told {
			class = "cut"
		}
		known[class] += unended(known)
	}
	close(c.done)
}

// unended is how many of the connections taken have not been counted as ended.
func unended(counters map[string]int64) int64 {
	n := counters["accepted"]
	for class, count := range counters {
		if class != "accepted" && class != "backoff" {
			n -= count
		}
	}
	return n
}
