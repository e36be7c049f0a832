package loadgen

import "testing"

func TestPast(t *testing.T) {
	var p past
	for i, step := range []struct {
		seq  uint64
		want order
	}{
		{0, inOrder}, {0, repeated}, {1, inOrder}, {0, repeated},
		{5, inOrder}, {3, late}, {3, repeated}, {4, late}, {2, late}, {2, repeated},
		{68, inOrder}, {5, repeated}, {4, late}, // just inside the window, and just before it
		{1000, inOrder}, {999, late}, {999, repeated}, {68, late},
	} {
		if got := p.see(step.seq); got != step.want {
			t.Errorf("step %d, %d: got %v, want %v", i, step.seq, got, step.want)
		}
	}
}
