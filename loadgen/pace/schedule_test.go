package pace

import (
	"math"
	"slices"
	"testing"
	"time"
)

type arrival struct {
	due    time.Duration
	client int
}

func take(s *Schedule, n int) []arrival {
	list := make([]arrival, n)
	for i := range list {
		list[i].due, list[i].client = s.Next()
	}
	return list
}

// steady is a rate that never changes.
func steady(rate float64) Curve { return Profile{Rate: rate}.Curve(0) }

func TestConstantSchedule(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		name    string
		rate    float64
		total   int
		clients []int
		want    []arrival
	}{
		{"one client", 1000, 1, []int{0}, []arrival{{0, 0}, {1 * ms, 0}, {2 * ms, 0}}},
		{"clients in turn", 1000, 2, []int{0, 1}, []arrival{{0, 0}, {1 * ms, 1}, {2 * ms, 0}}},
		{"the even ones of five", 1000, 5, []int{0, 2, 4}, []arrival{{0, 0}, {2 * ms, 1}, {4 * ms, 2}, {5 * ms, 0}, {7 * ms, 1}}},
		{"the odd ones of five", 1000, 5, []int{1, 3}, []arrival{{1 * ms, 0}, {3 * ms, 1}, {6 * ms, 0}, {8 * ms, 1}}},
		{"less than one a second", 0.5, 1, []int{0}, []arrival{{0, 0}, {2 * time.Second, 0}}},
	}
	for _, tt := range tests {
		got := take(New(Constant, steady(tt.rate), tt.total, tt.clients, 1), len(tt.want))
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestConstantScheduleDoesNotDrift(t *testing.T) {
	s := New(Constant, steady(30_000), 1, []int{0}, 1) // a gap of 33,333.3 ns
	take(s, 30_000*10)
	if due, _ := s.Next(); due != 10*time.Second {
		t.Errorf("after ten seconds' requests the next is due at %v", due)
	}
}

// However low the rate, requests are due in order: no time is beyond what a Duration
// has room for.
func TestScheduleOfAnyRate(t *testing.T) {
	for _, rate := range []float64{math.SmallestNonzeroFloat64, 1e-320, 1e-11, 1e-9, MinRate, 1, MaxRate} {
		for _, a := range []Arrivals{Constant, Poisson} {
			s := New(a, steady(rate), 1000, []int{1, 999}, 1)
			last := time.Duration(0)
			for i := range 100 {
				due, _ := s.Next()
				if due < last {
					t.Errorf("%s at %v/s: request %d is due at %d after %d", a, rate, i, due, last)
				}
				last = due
			}
		}
	}
}

// Of a schedule that was left early, as many requests are left as come by its end.
func TestScheduleLeft(t *testing.T) {
	for _, a := range []Arrivals{Constant, Poisson} {
		s := New(a, steady(10_000), 4, []int{0, 2}, 1)
		var until time.Duration
		for range 1000 {
			until, _ = s.Next()
		}
		n := int64(0)
		for due := until; due < 3*time.Second; n++ {
			due, _ = s.Next()
		}
		if got := s.Left(until, 3*time.Second); math.Abs(float64(got-n)) > 5*math.Sqrt(float64(n)) || a == Constant && got != n {
			t.Errorf("%s: %d are left, want %d", a, got, n)
		}
	}
}

func TestPoissonSchedule(t *testing.T) {
	const n, rate, clients = 200_000, 10_000, 8
	all := []int{0, 1, 2, 3, 4, 5, 6, 7}
	list := take(New(Poisson, steady(rate), clients, all, 42), n)
	if again := take(New(Poisson, steady(rate), clients, all, 42), n); !slices.Equal(list, again) {
		t.Error("the same seed gives another schedule")
	}
	if other := take(New(Poisson, steady(rate), clients, all, 43), n); slices.Equal(list, other) {
		t.Error("another seed gives the same schedule")
	}
	// Exponential gaps: the mean is the deviation, and e^-1 are above the mean.
	// The seed is fixed, so these hold always or never.
	mean := list[n-1].due.Seconds() / n
	var squares float64
	var above int
	share := make([]int, clients)
	last := time.Duration(0)
	for _, a := range list {
		gap := (a.due - last).Seconds()
		last = a.due
		squares += (gap - mean) * (gap - mean)
		if gap > mean {
			above++
		}
		share[a.client]++
	}
	if math.Abs(mean*rate-1) > 0.01 {
		t.Errorf("mean gap %v s, want %v", mean, 1.0/rate)
	}
	if deviation := math.Sqrt(squares / n); math.Abs(deviation/mean-1) > 0.02 {
		t.Errorf("deviation of gaps is %v of their mean, want 1", deviation/mean)
	}
	if f := float64(above) / n; math.Abs(f-math.Exp(-1)) > 0.005 {
		t.Errorf("%v of the gaps are above the mean, want %v", f, math.Exp(-1))
	}
	for client, k := range share {
		if math.Abs(float64(k)*clients/n-1) > 0.05 {
			t.Errorf("client %d has %d requests of %d", client, k, n)
		}
	}
}

func TestPartsOfAPoissonScheduleMakeTheWhole(t *testing.T) {
	const rate, parts = 9_000, 3
	var total float64
	for part := range parts {
		list := take(New(Poisson, steady(rate), parts, []int{part}, 7), 30_000)
		total += 30_000 / list[len(list)-1].due.Seconds()
	}
	if math.Abs(total/rate-1) > 0.02 {
		t.Errorf("parts come to %v requests/s, want %v", total, rate)
	}
}

// The requests of a rate that changes are due where its integral is their number, whoever they
// belong to.
func TestScheduleOfAProfile(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		profile string
		warmup  time.Duration
		clients []int // of two
		want    []arrival
	}{
		{"1000,spike=4000@1ms+1ms", 0, []int{0, 1}, []arrival{{0, 0}, {1 * ms, 1}, {1250 * time.Microsecond, 0}, {1500 * time.Microsecond, 1}, {1750 * time.Microsecond, 0}, {2 * ms, 1}, {3 * ms, 0}}},
		{"1000,spike=4000@1ms+1ms", 0, []int{1}, []arrival{{1 * ms, 0}, {1500 * time.Microsecond, 0}, {2 * ms, 0}, {4 * ms, 0}}},
		{"1000,spike=4000@1ms+1ms", 3 * ms, []int{0}, []arrival{{0, 0}, {2 * ms, 0}, {4 * ms, 0}, {4500 * time.Microsecond, 0}, {5 * ms, 0}, {7 * ms, 0}}},
		{"1000,spike=100@0s+10ms", 1 * ms, []int{0, 1}, []arrival{{0, 0}, {1 * ms, 1}, {11 * ms, 0}, {12 * ms, 1}}},
		// From nearly nothing to 2000/s in a second: request k is due at sqrt(k/1000) s.
		{"0.000001..2000/1s", 0, []int{0, 1}, []arrival{{0, 0}, {31622776, 1}, {44721359, 0}, {54772255, 1}}},
		{"2000..1000/1s", 0, []int{0, 1}, []arrival{{0, 0}, {500063, 1}, {1000250, 0}}},
	}
	for _, tt := range tests {
		c := parsed(t, tt.profile).Curve(tt.warmup)
		got := take(New(Constant, c, 2, tt.clients, 1), len(tt.want))
		if !slices.EqualFunc(got, tt.want, func(a, b arrival) bool { return a.client == b.client && (a.due-b.due).Abs() <= 1 }) {
			t.Errorf("%s after %v, clients %v: got %v, want %v", tt.profile, tt.warmup, tt.clients, got, tt.want)
		}
	}
}

// A Poisson process of a rate that changes has in each part as many requests as its rate says, up
// to chance, and the parts of several clients are the whole.
func TestPoissonScheduleOfAProfile(t *testing.T) {
	p := parsed(t, "1000..20000/10s,spike=50000@3s+1s,spike=500@12s+1s")
	c := p.Curve(time.Second)
	const seconds, clients = 15, 5
	var counts [seconds]float64
	for client := range clients {
		s := New(Poisson, c, clients, []int{client}, 3)
		for due, _ := s.Next(); due < seconds*time.Second; due, _ = s.Next() {
			counts[due/time.Second]++
		}
	}
	for i, n := range counts {
		want := c.Before(time.Duration(i+1)*time.Second) - c.Before(time.Duration(i)*time.Second)
		if math.Abs(n-want) > 4*math.Sqrt(want) { // the seed is fixed
			t.Errorf("%v requests in second %d, want about %v", n, i, want)
		}
	}
}
