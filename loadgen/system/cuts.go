package system

import (
	"fmt"
	"strings"

	"connbench/models/kernel"
	"connbench/results"
)

// Cut is a knob of a server's sockets of which the kernel makes another value than was
// asked for.
type Cut struct {
	Knob        string // rcvbuf, sndbuf or backlog
	Asked, Came int    // bytes, or connections
	Sysctl      string // the setting that cuts it; empty where the kernel has raised it
	Limit       string // what that is set to; empty where it cannot be read here
}

// Cuts compares what a server's sockets were asked for, 0 being nothing, with what they
// came to, 0 being not known. Root is that of the file system with /proc, / but in tests.
func Cuts(root string, asked kernel.SocketOptions, came kernel.Effective) []Cut {
	var cuts []Cut
	for _, c := range []Cut{
		{"rcvbuf", asked.RecvBuffer, came.RecvBuffer, "net.core.rmem_max", ""},
		{"sndbuf", asked.SendBuffer, came.SendBuffer, "net.core.wmem_max", ""},
		{"backlog", asked.Backlog, came.Backlog, "net.core.somaxconn", ""},
	} {
		if c.Asked == 0 || c.Came == 0 || c.Asked == c.Came {
			continue
		}
		if c.Came > c.Asked {
			c.Sysctl = ""
		} else {
			c.Limit = sysctl(root, c.Sysctl)
		}
		cuts = append(cuts, c)
	}
	return cuts
}

func sysctl(root, key string) string {
	text, _ := Line(root, "proc/sys", strings.ReplaceAll(key, ".", "/"))
	return text
}

// String says what came of the value, and why.
func (c Cut) String() string {
	return fmt.Sprintf("--%s %s comes to %s: %s", c.Knob, c.amount(c.Asked), c.amount(c.Came), c.Why())
}

// Why names what has made another value of it.
func (c Cut) Why() string {
	switch {
	case c.Sysctl == "":
		return "the kernel gives no less"
	case c.Limit == "":
		return c.Sysctl + " cuts it, which cannot be read here"
	}
	return fmt.Sprintf("%s is %s", c.Sysctl, c.Limit)
}

func (c Cut) amount(n int) string {
	if c.Knob == "backlog" {
		return fmt.Sprint(n)
	}
	return results.Bytes(int64(n))
}
