package wire

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// store is the values that clients have set, for all connections of a server.
type store struct {
	seed   maphash.Seed
	shards [64]shard
	held   atomic.Int64 // bytes
}

type shard struct {
	sync.RWMutex
	values map[string]*value
}

type value struct{ bytes []byte }

const (
	// mostStored bounds what clients can have a server hold.
	mostStored = 256 << 20
	// storedBeside is about what a key takes beside its bytes and its value's.
	storedBeside = 128
)

func (s *store) open() {
	s.seed = maphash.MakeSeed()
	for i := range s.shards {
		s.shards[i].values = map[string]*value{}
	}
}

func (s *store) shard(key []byte) *shard {
	return &s.shards[maphash.Bytes(s.seed, key)%uint64(len(s.shards))]
}

// set stores a text that comes in two parts, and reports whether there was room.
func (s *store) set(key, head, text []byte) bool {
	h := s.shard(key)
	h.Lock()
	defer h.Unlock()
	v := h.values[string(key)]
	size := len(head) + len(text)
	more := size
	if v == nil {
		more += len(key) + storedBeside
	} else {
		more = max(0, more-cap(v.bytes))
	}
	if s.held.Add(int64(more)) > mostStored {
		s.held.Add(int64(-more))
		return false
	}
	if v == nil {
		v = &value{make([]byte, 0, size)}
		h.values[string(key)] = v
	} else if size > cap(v.bytes) {
		v.bytes = make([]byte, 0, size)
	}
	v.bytes = append(append(v.bytes[:0], head...), text...)
	return true
}

func (s *store) remove(key []byte) int {
	h := s.shard(key)
	h.Lock()
	defer h.Unlock()
	v := h.values[string(key)]
	if v == nil {
		return 0
	}
	s.held.Add(-int64(cap(v.bytes) + len(key) + storedBeside))
	delete(h.values, string(key))
	return 1
}
