// Package kernel wraps what the operating system offers to servers and clients
// of sockets, thinly: names and types, no policy. Servers and the load generator
// share it, so that both pay the same for a system call.
//
// What only Linux has is in files ending in _linux.go; nothing here pretends to
// have it elsewhere.
package kernel
