package results

// Calls is what a server's processes, and all that came from them, asked of the kernel in a
// window of its own, in which each call was recorded, so that they were slower than elsewhere.
// What was not recorded is absent.
type Calls struct {
	Partial bool   `json:"partial,omitempty"` // no calls but those of Each were counted
	Each    []Call `json:"each"`              // the most frequent first
	Lost    int64  `json:"lost,omitempty"`    // events of these CPUs that there was no room for: the counts are too low by their part of them

	// Wakeups are how often a thread of the server woke another of its threads, as one does
	// that hands work over; by the network's interrupts they are not among them.
	Wakeups *int64 `json:"wakeups,omitempty"`
}

// Call is what came of one system call, by its name.
type Call struct {
	Name   string `json:"name"` // as in its manual page; "call 500" of one whose name is not known
	Count  int64  `json:"count"`
	Again  int64  `json:"again,omitempty"`  // of them, ended by EAGAIN, EINTR or ETIMEDOUT: nothing came of it
	Bytes  int64  `json:"bytes,omitempty"`  // read or written, 8 by each use of an eventfd
	Events int64  `json:"events,omitempty"` // that a wait told of, messages of recvmmsg and sendmmsg, entries that io_uring_enter submitted
}
