package document

import (
	"connbench/results/read"
	"slices"
	"testing"
)

func TestCompareWithSaid(t *testing.T) {
	hundreds := &read.Magnitude{From: 100, Below: 1000}
	for _, test := range []struct {
		clients int
		bound   read.Bound
		want    against
		factor  float64
	}{
		{0, read.BoundLatency, fewer, 100},
		{50, read.BoundLatency, fewer, 2},
		{50, read.BoundClient, notDecided, 2},
		{20, read.BoundMemory, notDecided, 5},
		{99, read.BoundSearch, notDecided, 100. / 99},
		{70, read.BoundDescriptors, fewer, 100. / 70}, // its own
		{100, read.BoundLatency, asSaid, 1},
		{999, read.BoundDescriptors, asSaid, 1},
		{1000, read.BoundLatency, more, 1},
		{5000, read.BoundSearch, more, 5},
	} {
		c := &read.Capacity{Most: test.clients, Bound: test.bound}
		if got := compareWithSaid(c, read.Goal{OpenFiles: 164}, hundreds); got != test.want {
			t.Errorf("%d clients, bound by %s: %v, want %v", test.clients, test.bound, got, test.want)
		}
		if got := factor(test.clients, hundreds); got != test.factor {
			t.Errorf("%d clients: %v times, want %v", test.clients, got, test.factor)
		}
	}
}

func TestProfilesAnswerOfNothing(t *testing.T) {
	c := &read.ComparisonTable{Profiles: []read.Profile{{Model: "a"}, {Model: "b"}}}
	if got := ProfilesAnswer(c); got != nil {
		t.Errorf("of rows without a trial: %q", got)
	}
	for i := range c.Profiles {
		c.Profiles[i].Capacity = read.Capacity{Most: 7, Probes: 1}
	}
	if got := ProfilesAnswer(c); !slices.Equal(got, []string{"All 2 rows serve 7 clients."}) {
		t.Errorf("of rows that are alike: %q", got)
	}
	sequential := &c.Profiles[1].Capacity
	sequential.Most, sequential.Bound = 1, read.BoundWorkers
	if got := ProfilesAnswer(c); !slices.Equal(got, []string{"Of all 2 rows, a serves the most clients, 7; b serves the fewest, 1."}) {
		t.Errorf("of rows that differ: %q", got)
	}
	sequential.Bound = read.BoundClient
	if got := ProfilesAnswer(c); !slices.Equal(got, []string{"Of all 2 rows, a serves the most clients, 7; which serves the fewest stays open, b serves 1 or more."}) {
		t.Errorf("of one that was stopped by the client: %q", got)
	}
}
