package foreign

import (
	"fmt"
	"strconv"
	"syscall"
)

const (
	// memoryOfMemcached is what it may hold, in MiB, about as much as ours; beyond that it
	// forgets what was used longest ago.
	memoryOfMemcached = 256
	// itemOfMemcached is the longest value with what it has beside it, in MiB.
	itemOfMemcached = 64
)

// memcached has one thread that accepts, and one for the requests of all connections unless it is
// told more; all share what was set, and one socket. It has no file of settings.
func memcached(o *Options) arrangement {
	command := []string{"memcached"}
	add := func(words ...string) { command = append(command, words...) }
	if o.unix() {
		add("-s", o.Address)
	} else {
		host, port := o.hostPort()
		add("-l", host, "-p", port)
	}
	add("-u", "root") // which it asks of root alone: else it goes on as who started it
	add("-t", strconv.Itoa(o.workers()))
	add("-c", strconv.FormatUint(connectionsOfMemcached(o), 10))
	add("-b", strconv.Itoa(o.backlog()))
	add("-m", strconv.Itoa(memoryOfMemcached), "-I", fmt.Sprintf("%dm", itemOfMemcached))
	return arrangement{nil, command}
}

// connectionsOfMemcached is for how many it has room. It asks for as many descriptors, and ends where it may
// not have them.
func connectionsOfMemcached(o *Options) uint64 {
	room := uint64(o.room())
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil {
		room = min(room, limit.Max)
	}
	return room
}
