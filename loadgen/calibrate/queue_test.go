package calibrate

import (
	"strconv"
	"testing"
)

// TestQueue pushes and pops in turns that make the ring wrap and grow.
func TestQueue(t *testing.T) {
	var q queue
	in, out := 0, 0
	for turn := range 200 {
		for range turn%7 + 1 {
			q.push(nil, 0, []byte(strconv.Itoa(in)))
			in++
		}
		for range min(q.n, turn%6+1) {
			if got := string(q.first().frame); got != strconv.Itoa(out) {
				t.Fatalf("got %s, want %d", got, out)
			}
			q.pop()
			out++
		}
	}
	if q.n != in-out {
		t.Errorf("%d left of %d", q.n, in-out)
	}
	if allocs := testing.AllocsPerRun(1000, func() {
		q.push(nil, 0, []byte("again"))
		q.pop()
	}); allocs > 0 {
		t.Errorf("%v allocations a request", allocs)
	}
}
