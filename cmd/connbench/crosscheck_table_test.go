//go:build crosscheck && linux

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"connbench/results"
	"connbench/results/stats"
)

// crossTable has what load says divided by what the other says, the median of the rounds with its interval
// of 95 %, or of fewer than six rounds with the lowest and the highest, and below what both say.
func crossTable(rows []crossed, duration time.Duration, rounds int) string {
	var b strings.Builder
	line := func(cells ...string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	within := "lowest to highest of the rounds"
	if rounds >= 6 {
		within = "its interval of 95 %"
	}
	fmt.Fprintf(&b, "load against clients of others, in turns: %v each, %d rounds; ratios load / other, median (%s)\n\n", duration, rounds, within)
	titles := []string{"other", "server", "req/s", "server CPU/req", "client CPU/req", "p50", "p99"}
	line(titles...)
	line(":---", ":---", "---:", "---:", "---:", "---:", "---:")
	for _, r := range rows {
		cells := []string{r.other, r.server}
		for _, f := range crossFigures {
			cells = append(cells, ratios(&r, f.of))
		}
		line(cells...)
	}
	b.WriteString("\nWhat they say themselves, medians:\n\n")
	line(append([]string{"client"}, titles[1:]...)...)
	line(":---", ":---", "---:", "---:", "---:", "---:", "---:")
	for _, r := range rows {
		for i, of := range [][]measure{r.ours, r.theirs} {
			cells := []string{[]string{"load, against " + r.other, r.other}[i], r.server}
			for _, f := range crossFigures {
				cells = append(cells, f.say(median(results.Map(of, f.of))))
			}
			line(cells...)
		}
	}
	return b.String()
}

// crossFigures are what is compared; 0 is what a client does not say.
var crossFigures = []struct {
	of  func(measure) float64
	say func(float64) string
}{
	{func(m measure) float64 { return m.rps }, func(x float64) string { return results.Count(x) }},
	{func(m measure) float64 { return float64(m.serverCPU) }, sayNanos},
	{func(m measure) float64 { return float64(m.clientCPU) }, sayNanos},
	{func(m measure) float64 { return float64(m.p50) }, sayNanos},
	{func(m measure) float64 { return float64(m.p99) }, sayNanos},
}

func sayNanos(x float64) string {
	if x == 0 {
		return results.Absent
	}
	return results.Nanos(x).String()
}

func ratios(r *crossed, of func(measure) float64) string {
	var all []float64
	for i := range r.ours {
		ours, theirs := of(r.ours[i]), of(r.theirs[i])
		if ours == 0 || theirs == 0 {
			return results.Absent
		}
		all = append(all, ours/theirs)
	}
	within := stats.MedianInterval(all)
	if !within.Bounded() {
		within.Low, within.High = slices.Min(all), slices.Max(all)
	}
	return fmt.Sprintf("%.2f (%.2f to %.2f)", median(all), within.Low, within.High)
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func TestCrossTable(t *testing.T) {
	of := func(rps float64, us time.Duration) measure {
		return measure{outcome{rps: rps, p50: us * time.Microsecond}, time.Microsecond, 2 * time.Microsecond}
	}
	got := crossTable([]crossed{{other: "wrk", server: "nginx", ours: []measure{of(1000, 50), of(1200, 40)}, theirs: []measure{of(1000, 50), of(1000, 80)}}}, time.Second, 2)
	for _, want := range []string{
		"| wrk | nginx | 1.10 (1.00 to 1.20) | 1.00 (1.00 to 1.00) | 1.00 (1.00 to 1.00) | 0.75 (0.50 to 1.00) | – |\n",
		"| load, against wrk | nginx | 1.1k | 1 µs | 2 µs | 45 µs | – |\n",
		"| wrk | nginx | 1k | 1 µs | 2 µs | 65 µs | – |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	many := crossed{other: "wrk", server: "nginx"} // of which the first and the last are beyond the interval
	for i := range 9 {
		many.ours, many.theirs = append(many.ours, of(1000, time.Duration(40+10*i))), append(many.theirs, of(1000, 80))
	}
	if got := ratios(&many, func(m measure) float64 { return float64(m.p50) }); got != "1.00 (0.62 to 1.38)" {
		t.Errorf("p50 of nine rounds: %s", got)
	}
}
