package calibrate

import (
	"testing"

	"connbench/loadgen/system"
)

var (
	apart  = system.Placement{Server: []int{0}, Client: []int{1}}
	shared = system.Placement{Server: []int{0}, Client: []int{0}}
)

// TestPointIsDone: with as many quiet repetitions as are wanted, or three times as
// many in all.
func TestPointIsDone(t *testing.T) {
	calm, noisy := Repetition{}, Repetition{Noise: []string{"noisy"}}
	tests := []struct {
		name        string
		repetitions []Repetition
		want        bool
	}{
		{"nothing", nil, false},
		{"one of two", []Repetition{calm}, false},
		{"two", []Repetition{calm, calm}, true},
		{"two and noise", []Repetition{calm, noisy, noisy, calm}, true},
		{"noise", []Repetition{noisy, noisy, noisy, noisy, calm}, false},
		{"too much of it", []Repetition{noisy, noisy, noisy, noisy, calm, noisy}, true},
	}
	for _, tt := range tests {
		p := point{wanted: 2, repetitions: tt.repetitions}
		if p.done() != tt.want {
			t.Errorf("%s: done %v", tt.name, p.done())
		}
	}
}

// TestSpecsAreValid: what is to be run can be run.
func TestSpecsAreValid(t *testing.T) {
	b := &Bench{Options: DefaultOptions(), Placement: apart}
	for _, p := range b.points().all() {
		s := p.spec(1)
		s.Address = "127.0.0.1:1"
		if err := s.Validate(); err != nil {
			t.Errorf("%s: %v", p.name, err)
		}
	}
}
