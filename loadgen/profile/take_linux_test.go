package profile

import (
	"testing"

	"golang.org/x/sys/unix"
)

// Whatever a ring holds, a sampler and a tracer take it.
func FuzzTake(f *testing.F) {
	fork := []byte{0: 2, 4: 1, 8: 2, 12: 1, 23: 0}
	f.Add(uint32(unix.PERF_RECORD_FORK), fork)
	f.Add(uint32(unix.PERF_RECORD_FORK), []byte{0: 1, 4: 2, 8: 1, 23: 0}) // a circle
	f.Add(uint32(unix.PERF_RECORD_MMAP), append(make([]byte, 32), "/usr/bin/server\x00"...))
	f.Add(uint32(unix.PERF_RECORD_SAMPLE), []byte{0: 2, 4: 2, 8: 24, 12: 186, 13: 1, 20: 1, 28: 5, 35: 0})
	f.Fuzz(func(t *testing.T, kind uint32, body []byte) {
		known := &family{roots: []int{1}, parents: map[int]int{1: 0, 2: 1}, threads: map[int]int{1: 1}}
		s := &Sampler{family: known, layout: &layout{family: known, areas: map[int][]area{}}, stacks: map[string]int64{}}
		exit, err := parseFormat([]byte(exitFormat))
		if err != nil {
			t.Fatal(err)
		}
		tr := &Tracer{family: known, exit: exit, wake: &tracepoint{}, calls: map[int]*[mostCalls]tally{}, woken: map[[2]int]int64{}, last: -1}
		e := events{take: func(kind uint32, body []byte) { s.take(kind, body); tr.take(kind, body) }}
		e.record(unix.PERF_RECORD_FORK, fork)
		e.record(kind, body)
		for pid := range known.parents {
			s.layout.find(pid, 0)
		}
		for _, c := range tr.each() {
			if c.Count <= 0 {
				t.Errorf("%+v", c)
			}
		}
	})
}
