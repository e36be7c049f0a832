package sample

import (
	"net"
	"strconv"
	"strings"

	"connbench/models/kernel"
	"connbench/results"

	"github.com/prometheus/procfs"
)

// sampleKernel reads the counters of the network, nil where they are not all there.
func sampleKernel() *results.Kernel {
	self, err := procfs.Self()
	if err != nil {
		return nil
	}
	extended, err := self.Netstat()
	if err != nil {
		return nil
	}
	plain, err := self.Snmp()
	if err != nil {
		return nil
	}
	k := results.Kernel{SynRetransmits: new(int64)}
	for _, c := range []struct {
		from *float64
		to   *int64
	}{
		{extended.ListenOverflows, &k.ListenOverflows},
		{extended.ListenDrops, &k.ListenDrops},
		{plain.RetransSegs, &k.Retransmits},
		{extended.TCPSynRetrans, k.SynRetransmits},
		{plain.Udp.RcvbufErrors, &k.UDPDrops},
	} {
		if c.from == nil {
			return nil
		}
		*c.to = int64(*c.from)
	}
	return &k
}

// kernelMemory is the size of a server's socket, and of TCP what the kernel holds for
// each established connection beside it; nil for what it does not say.
func kernelMemory(network, address string) (socket *int64, buffers *float64) {
	size, err := kernel.SocketSize(strings.ToUpper(network))
	if err != nil {
		return nil, nil
	}
	_, text, err := net.SplitHostPort(address)
	if err != nil || network != "tcp" {
		return &size, nil
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return &size, nil
	}
	held, err := kernel.TCPMemory(uint16(port))
	if err != nil {
		return &size, nil
	}
	each := 0.0
	if held.Sockets > 0 {
		each = float64(held.Buffers) / float64(held.Sockets)
	}
	return &size, &each
}

func available() *int64 {
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		return nil
	}
	info, err := fs.Meminfo()
	if err != nil || info.MemAvailableBytes == nil {
		return nil
	}
	n := int64(*info.MemAvailableBytes)
	return &n
}

// callCounter counts system calls; the zero value counts none.
type callCounter struct{ counter *kernel.SyscallCounter }

func countCalls(tids []int) callCounter {
	c, err := kernel.CountSyscalls(tids)
	if err != nil {
		return callCounter{}
	}
	return callCounter{c}
}

// stop ends counting and returns the sum, nil if there is none or it has been given.
func (c *callCounter) stop() *int64 {
	if c.counter == nil {
		return nil
	}
	n, err := c.counter.Count()
	c.counter.Close()
	c.counter = nil
	if err != nil {
		return nil
	}
	return &n
}
