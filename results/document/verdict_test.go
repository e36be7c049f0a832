package document

import (
	"testing"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// The verdict on a run is a sentence that its rankings bear out.
func TestRunVerdict(t *testing.T) {
	ranking := func(clients int, rows ...stats.Standing) stats.Ranking {
		return stats.Ranking{Key: results.Key{Clients: clients, PayloadBytes: 64, Loop: results.ClosedLoop}, Metric: results.ServerCPU, Standings: rows}
	}
	row := func(model string, group int, ratio float64, why string) stats.Standing {
		return stats.Standing{Model: model, First: group, Last: group, Why: why, Value: stats.Unbounded(5000 * ratio), Best: &stats.Interval{Estimate: ratio, Low: ratio, High: ratio}}
	}
	a, b, c := row("a", 1, 1, ""), row("b", 2, 1.5, ""), row("b", 1, 1, "")
	noisy, starved := row("a", 0, 1, "no valid trial"), row("b", 0, 1, "clients without any answer")
	points := []stats.Point{{Key: results.Key{Model: "a", Clients: 4}, Verdicts: []string{results.Noisy}}}
	for _, test := range []struct {
		want     string
		rankings []stats.Ranking
	}{
		{"a takes the least server CPU a request at 4 clients, 64 B: 5 µs; b comes next with 1.5 times that.", []stats.Ranking{ranking(4, a, b)}},
		{"a and b are first by server CPU a request at 4 clients, 64 B, and cannot be told apart: 5 µs and up; d comes next with 2 times that.", []stats.Ranking{ranking(4, a, c, row("d", 2, 2, ""))}},
		{"No two of the 2 rows that are placed can be told apart by server CPU a request at 4 clients, 64 B.", []stats.Ranking{ranking(4, a, c)}},
		{"Only a of 2 is placed at 4 clients, 64 B: server CPU a request 5 µs.", []stats.Ranking{ranking(4, a, starved)}},
		{"Of 2 placed rows of 3, a takes the least server CPU a request at 4 clients, 64 B: 5 µs; b comes next with 1.5 times that.", []stats.Ranking{ranking(4, a, b, noisy)}},
		{"No two of the 2 of 3 rows that are placed can be told apart by server CPU a request at 4 clients, 64 B.", []stats.Ranking{ranking(4, a, c, noisy)}},
		{"a takes the least server CPU a request at 2 of 2 points. At 1 of the points not all rows are placed.", []stats.Ranking{ranking(1, a, b), ranking(4, a, b, noisy)}},
		{"a takes the least server CPU a request at 1 of 2 points; only a is placed at 1 of 2. At 1 further point not all rows are placed.", []stats.Ranking{ranking(1, a, b, noisy), ranking(4, a, noisy)}},
		{"No row is placed at 4 clients, 64 B: no valid trial and clients without any answer.", []stats.Ranking{ranking(4, noisy, starved)}},
		{"No row is placed at any of 2 points: too few trials are valid (NOISY); connbench doctor says what disturbs them.", []stats.Ranking{ranking(4, noisy, noisy), ranking(8, noisy, noisy)}},
		{"No two rows can be told apart at any of 2 points.", []stats.Ranking{ranking(4, a, c), ranking(8, a, c)}},
		{"a takes the least server CPU a request at 2 of 4 points; no two rows can be told apart at 1 of 4; no row is placed at 1.", []stats.Ranking{ranking(1, a, b), ranking(4, a, b), ranking(8, a, c), ranking(16, noisy, starved)}},
		{"Only a is placed at 2 of 3 points; no two rows can be told apart at 1 of 3.", []stats.Ranking{ranking(1, a, starved), ranking(4, a, c), ranking(8, a, starved)}},
		{"a takes the least server CPU a request at 1 of 2 points; only a is placed at 1 of 2.", []stats.Ranking{ranking(1, a, b), ranking(4, a, starved)}},
		{"a takes the least server CPU a request at 2 of 2 points, tied at 1 of them; b at 1, tied. Tied is with rows that cannot be told apart.", []stats.Ranking{ranking(1, a, b), ranking(4, a, c, row("d", 2, 2, ""))}},
		{"No trial could be measured.", nil},
	} {
		if got := runVerdict(&read.Reading{Rankings: test.rankings, Points: points}); got != test.want {
			t.Errorf("%s\nwant\n%s", got, test.want)
		}
	}
}

// Pairs that were held against each other may be more than those of the rows that are placed.
func TestLeadCountsPairs(t *testing.T) {
	placed := func(model string, tier int) stats.Standing {
		return stats.Standing{Model: model, First: tier, Last: tier, Value: stats.Unbounded(5000), Best: &stats.Interval{Estimate: 1, Low: 1, High: 1}}
	}
	r := stats.Ranking{Metric: results.ServerCPU, Standings: []stats.Standing{placed("a", 1), placed("b", 2), {Model: "c", Why: "only 3 valid trials, in any of tiers 1 to 3"}}, Pairs: 3, Apart: 1}
	for _, test := range []struct {
		pairs int
		want  string
	}{{3, "2 of 3 rows are placed, and 1 of 3 pairs of these and those between too many tiers differ beyond chance."}, {1, "2 of 3 rows are placed, and 1 of 1 pair of them differs beyond chance."}} {
		r.Pairs = test.pairs
		if lines := lead(&r); lines[len(lines)-1] != test.want || lines[0] != "Of 2 placed rows of 3, a takes the least server CPU a request, 5 µs." {
			t.Errorf("%q, want %s", lines, test.want)
		}
	}
}

// TestScaleVerdict: who serves the most connections, also where the latency was disturbed, with the kernel's part of their memory.
func TestScaleVerdict(t *testing.T) {
	point := func(model string, clients, valid int, rss float64) stats.Point {
		return stats.Point{Key: results.Key{Model: model, Clients: clients}, Trials: 2, Valid: valid, Figures: map[*results.Figure]stats.Spread{
			results.P99: {Median: 1e6}, results.IdleRSS: {Median: rss}, results.IdleKernel: {Median: 2304},
		}}
	}
	disturbed, lost := point("uring", 100_000, 0, 0), point("thread", 1000, 0, 9000)
	disturbed.Verdicts, lost.Verdicts = []string{results.Noisy}, []string{results.Noisy, results.UnservedIdle}
	broken := point("goroutine", 100_000, 0, 7424)
	broken.Verdicts = []string{results.Errors}
	p := &read.Reading{Part: results.Part{Run: results.Run{Kind: results.ScaleRun, Models: []string{"goroutine", "uring", "prefork", "thread"}}}, Points: []stats.Point{
		point("goroutine", 1000, 2, 7424), point("uring", 1000, 2, 0), disturbed, broken, point("prefork", 100_000, 1, 64), lost,
	}}
	want := "Up to 100000 connections were served by uring (no valid trial for its p99, each no resident memory that can be told, 2.25 KiB in the kernel) and prefork (p99 1 ms, each 64 B resident, 2.25 KiB in the kernel); " +
		"up to 1000 by goroutine (p99 1 ms, each 7.25 KiB resident, 2.25 KiB in the kernel). No trial in which all were served: thread."
	if got := runVerdict(p); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	p.Points = p.Points[5:]
	if got, want := runVerdict(p), "No row has a trial in which all connections were served."; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Of fewer trials than a place takes the reason is their number, whatever became of them.
func TestVerdictOfFewTrials(t *testing.T) {
	why := []stats.Standing{{Model: "a", Why: "only 1 valid trial"}, {Model: "b", Why: "no valid trial"}}
	points := []stats.Point{{Trials: 2, Valid: 1, Verdicts: []string{results.Noisy}}, {Trials: 2}}
	if got, want := unplacedAll(points, stats.Ranking{Standings: why}), ": a place takes 3 valid trials, and no row has more than 2 trials"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A row that is alone is told of where it answered most.
func TestAloneVerdict(t *testing.T) {
	points := testPoints()[:2]
	if got, want := aloneVerdict(points), "sequential answers 57.9k requests/s at 1 client, 64 B, with a p99 of 31 µs, the most of 2 points."; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	points = testPoints()[2:3]
	if got, want := aloneVerdict(points), "sequential answers 58k requests/s at 64 clients, 64 B, with a p99 of 41 µs, not to be ranked: clients without any answer."; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	points = testPoints()[:3] // the last of which has the highest, and may not be ranked
	if got, want := aloneVerdict(points), "sequential answers 57.9k requests/s at 1 client, 64 B, with a p99 of 31 µs, the most of 2 points that may be ranked, of 3."; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := aloneVerdict(nil); got != "" {
		t.Error(got)
	}
}
