package figures

import (
	"slices"
	"strings"
	"testing"

	"connbench/results"
	"connbench/results/stats"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

func TestAbscissaScale(t *testing.T) {
	for _, test := range []struct {
		abscissa *abscissa
		values   []float64
		width    vg.Length
		want     string // labels
		log      bool
	}{
		{&byClients, []float64{64}, 300, "64", true},
		{&byClients, []float64{1, 16, 64, 256}, 300, "1 16 64 256", true},
		{&byClients, []float64{64, 128, 192, 256}, 300, "64 128 192 256", true},
		{&byClients, []float64{100, 101, 102, 1000}, 300, "102 1000", true},
		{&byClients, []float64{1, 2, 4, 8, 16, 32, 64, 128, 256}, 60, "2 8 32 256", true},
		{&byRate, []float64{25e3, 50e3, 75e3, 100e3}, 300, "25k 50k 75k 100k", false},
		{&byRate, []float64{5e3, 10e3, 20e3, 50e3, 100e3, 150e3}, 300, "5k 10k 20k 50k 100k 150k", true},
		{&byRate, []float64{1000}, 300, "1k", true},
	} {
		s := test.abscissa.scale(test.values, test.width)
		if got := labels(s.Ticks); got != test.want {
			t.Errorf("%v: labels %s, want %s", test.values, got, test.want)
		}
		if log := strings.HasSuffix(s.Label, "(log scale)"); log != test.log {
			t.Errorf("%v: log scale %t, want %t", test.values, log, test.log)
		}
		var at []float64
		for _, tick := range s.Ticks {
			at = append(at, tick.Value)
		}
		if !slices.Equal(at, test.values) || s.Min >= at[0] || s.Max <= at[len(at)-1] {
			t.Errorf("%v: ticks at %v from %v to %v", test.values, at, s.Min, s.Max)
		}
	}
}

func TestFacets(t *testing.T) {
	at := func(loop results.Loop, payload, clients int, rate float64) stats.Point {
		return stats.Point{Key: results.Key{Loop: loop, PayloadBytes: payload, Clients: clients, RateRPS: rate}}
	}
	closed := []stats.Point{at(results.ClosedLoop, 4096, 1, 0), at(results.ClosedLoop, 64, 1, 0), at(results.ClosedLoop, 64, 2, 0)}
	open := []stats.Point{
		at(results.OpenLoop, 64, 16, 1000), at(results.OpenLoop, 64, 16, 5000), at(results.OpenLoop, 64, 16, 5000),
		at(results.OpenLoop, 64, 1, 1000), at(results.OpenLoop, 4096, 1, 2000),
	}
	for _, test := range []struct {
		abscissa *abscissa
		points   []stats.Point
		want     string
	}{
		{&byClients, closed, "64 B payload; 4 KiB payload"},
		{&byRate, closed, ""},
		{&byClients, open, "64 B payload at 1k requests/s"},
		{&byRate, open, "64 B payload, 16 clients; 4 KiB payload, 1 client"},
		{&byRate, append(open, at(results.OpenLoop, 64, 1, 2000)), "64 B payload, 1 client; 64 B payload, 16 clients; 4 KiB payload, 1 client"},
	} {
		var got []string
		for _, f := range test.abscissa.facets(test.points) {
			got = append(got, f.title())
		}
		if got := strings.Join(got, "; "); got != test.want {
			t.Errorf("against %s: %q, want %q", test.abscissa.axis, got, test.want)
		}
	}
}

func labels(ticks plot.ConstantTicks) string {
	var labelled []string
	for _, tick := range ticks {
		if !tick.IsMinor() {
			labelled = append(labelled, tick.Label)
		}
	}
	return strings.Join(labelled, " ")
}
