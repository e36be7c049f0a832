package kernel

// Effective is what the kernel has made of the options of a server's socket. Sizes are in
// bytes as they are asked for, half of what the kernel sets aside and says; 0 is not known.
type Effective struct {
	RecvBuffer int `json:"rcvbuf_bytes,omitempty"`
	SendBuffer int `json:"sndbuf_bytes,omitempty"`
	Backlog    int `json:"backlog,omitempty"` // connections not yet accepted
}
