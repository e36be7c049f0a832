package calibrate

import (
	"testing"
	"time"

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

// TestTakes: what is said of how long it takes is by the plan.
func TestTakes(t *testing.T) {
	for _, tt := range []struct {
		options     Options
		placement   system.Placement
		least, most time.Duration
	}{
		{QuickOptions(), apart, time.Minute, 3 * time.Minute},
		{DefaultOptions(), apart, 3*time.Minute + 30*time.Second, 13 * time.Minute},
		{QuickOptions(), shared, 10 * time.Second, 40 * time.Second},
	} {
		b := &Bench{Options: tt.options, Placement: tt.placement}
		least, most := b.Takes()
		near := func(got, want time.Duration) bool { return got > want*8/10 && got < want*12/10 }
		if !near(least, tt.least) || !near(most, tt.most) {
			t.Errorf("%+v: %v to %v, want %v to %v", tt.options, least, most, tt.least, tt.most)
		}
	}
}
