package results

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What stands of a trial is its last attempt at which no host was lost, and nothing if there is none.
func TestFinal(t *testing.T) {
	attempts := []Trial{
		{Trial: 0, Attempt: 0, HostLost: true},
		{Trial: 0, Attempt: 1},
		{Trial: 1, Attempt: 0},
		{Trial: 1, Attempt: 1},
		{Trial: 1, Attempt: 2, HostLost: true},
		{Trial: 2, Attempt: 0, HostLost: true},
	}
	var stand [][2]int
	for _, trial := range Final(attempts) {
		stand = append(stand, [2]int{trial.Trial, trial.Attempt})
	}
	if diff := cmp.Diff([][2]int{{0, 1}, {1, 1}}, stand); diff != "" {
		t.Error(diff)
	}
	if n := Finished(attempts); n != 2 {
		t.Errorf("%d are finished", n)
	}
}
