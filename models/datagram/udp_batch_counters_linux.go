package datagram

import (
	"sync/atomic"

	"connbench/models/kernel"
)

// batchCounters count what udp-batch achieves. Calls are those of the kernel that
// received or sent something; they carry messages, and these datagrams.
type batchCounters struct {
	received, receiveMessages, receiveCalls atomic.Int64
	sent, sendMessages, sendCalls           atomic.Int64
	pauses                                  atomic.Int64
}

// note counts a batch received, and everything sent so far.
func (c *batchCounters) note(messages, datagrams int, sent kernel.BatchSent) {
	c.received.Add(int64(datagrams))
	c.receiveMessages.Add(int64(messages))
	c.receiveCalls.Add(1)
	c.sent.Store(sent.Datagrams)
	c.sendMessages.Store(sent.Messages)
	c.sendCalls.Store(sent.Calls)
}

func (c *batchCounters) add(m map[string]int64) {
	m["received"] = c.received.Load()
	m["receive_messages"] = c.receiveMessages.Load()
	m["receive_calls"] = c.receiveCalls.Load()
	m["sent"] = c.sent.Load()
	m["send_messages"] = c.sendMessages.Load()
	m["send_calls"] = c.sendCalls.Load()
	m["pauses"] = c.pauses.Load()
}
