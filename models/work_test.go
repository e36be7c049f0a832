package models

import (
	"testing"
	"time"
)

func TestWork(t *testing.T) {
	for _, tt := range []struct {
		work Work
		ok   bool
	}{
		{"echo", true},
		{"cpu:20us", true},
		{"cpu:1ns", true},
		{"sleep:5ms", true},
		{"sleep:1m", true},
		{"", false},
		{"echo:1ms", false},
		{"cpu", false},
		{"cpu:", false},
		{"cpu:0s", false},
		{"cpu:-1ms", false},
		{"cpu:20", false},
		{"sleep:61s", false},
		{"nap:1ms", false},
	} {
		if _, _, ok := tt.work.split(); ok != tt.ok {
			t.Errorf("%q: allowed %v, want %v", tt.work, ok, tt.ok)
		}
		if tt.ok && (tt.work.performer() == nil) != (tt.work == Echo) {
			t.Errorf("%q: nothing is done, or something for echo", tt.work)
		}
	}
}

// Sleeping takes at least its time; iterations have none to be tested for.
func TestSleep(t *testing.T) {
	begin := time.Now()
	Work("sleep:3ms").performer()(nil)
	if took := time.Since(begin); took < 3*time.Millisecond {
		t.Errorf("slept for %v", took)
	}
}

func TestIterateIsALongerWorkForMoreSteps(t *testing.T) {
	if iterate(10) == iterate(11) || iteration() <= 0 {
		t.Error("iterations do nothing")
	}
}
