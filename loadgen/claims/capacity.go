package claims

import (
	"context"
	"math"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

var capacity = experiment{
	number: "1",
	title:  "how many clients threads, selectors and asyncio serve",
	words: []string{
		"Thread per client serves hundreds of clients.",
		"Selectors serve thousands of clients.",
		"asyncio serves tens of thousands of clients.",
	},
	method: "The most concurrent clients of which each gets an answer a second, with 99 % of the answers within 10 ms and less than " +
		"0.1 % errors; found by a search to within 10 %, and kept twice. The tutorial's own server in Python decides; " +
		"its counterpart here stands beside it.",
	run: (*Bench).capacities,
}

type family struct {
	row, counterpart string
	from, below      int // clients, in its words
	words            string
}

var families = []family{
	{"python-threading", "thread", 100, 1_000, "hundreds"},
	{"python-selectors", "select", 1_000, 10_000, "thousands"},
	{"python-asyncio", "goroutine", 10_000, 100_000, "tens of thousands"},
}

func (b *Bench) capacities(ctx context.Context) ([]finding, error) {
	var findings []finding
	for _, f := range families {
		of := map[string]read.Capacity{}
		for _, row := range []string{f.row, f.counterpart} {
			c, err := b.Capacity(ctx, row)
			if err != nil {
				return findings, err
			}
			of[row] = c
		}
		findings = append(findings, f.read(of))
	}
	return findings, nil
}

// read refutes what is more than the words say as well as what is less, with the whole of its
// interval where it is an estimate. A bound that is not the server's own says only that there are
// at least so many.
func (f *family) read(of map[string]read.Capacity) finding {
	c := of[f.row]
	r := finding{figures: f.figures(of)}
	more := ""
	if foreign(c.Bound) {
		more = " or more, since what ends the search is not the server's own"
	}
	low, high := float64(c.Most), float64(c.Most)
	if c.Estimated() {
		low, high, more = c.Within.Low, c.Within.High, " ("+likely(c.Within)+")"
		c.Most = int(c.Within.Estimate)
	}
	switch from, below := float64(f.from), float64(f.below); {
	case c.Probes == 0:
		r.say(read.Undecidable, "How many clients %s serves is not known: no valid trial.", f.row)
	case low >= below:
		r.say(read.Refuted, "%s serves %d clients%s: not %s but %.3g times their upper end.", f.row, c.Most, more, f.words, float64(c.Most)/below)
	case c.Estimated() && (low < from && high >= from || high >= below && !math.IsInf(high, 1)):
		r.say(read.Undecidable, "%s serves %d clients%s: both %s and other numbers are among these.", f.row, c.Most, more, f.words)
	case low >= from:
		r.say(read.Confirmed, "%s serves %d clients%s.", f.row, c.Most, more)
	case c.Bound == read.BoundSearch:
		r.say(read.Undecidable, "%s serves %d clients; no valid trial tells what keeps it from more.", f.row, c.Most)
	case foreign(c.Bound):
		r.say(read.Undecidable, "%s serves %d clients; for more, the limit here is not the server's own: %s.", f.row, c.Most, c.BoundText())
	default:
		r.say(read.Refuted, "%s serves only %d clients; what keeps it from more is %s.", f.row, c.Most, c.BoundText())
	}
	return r
}

// figures are those of the rows of which something is known.
func (f *family) figures(of map[string]read.Capacity) (all []read.ClaimFigure) {
	for _, row := range []string{f.row, f.counterpart} {
		c := of[row]
		if c.Probes == 0 {
			continue
		}
		figure := read.Figure("most clients, "+row, float64(c.Most), "clients").Noted("bound by %s", c.Bound)
		if c.At > 0 {
			figure = figure.Noted("bound by %s at %d", c.Bound, c.At)
		}
		if c.Estimated() {
			figure.Value = math.Round(c.Within.Estimate)
			figure = figure.Noted("%s; %s", likely(c.Within), figure.Note)
		}
		if c.Trial != nil {
			figure = figure.From(c.Trial)
		}
		all = append(all, figure)
	}
	return all
}

// likely is between which numbers of clients a capacity is.
func likely(within stats.Interval) string {
	if math.IsInf(within.High, 1) {
		return results.Count(within.Low) + " or more"
	}
	return within.Bounds(results.Count)
}

// foreign reports whether a bound is one of the client or of the machine's limits.
func foreign(b read.Bound) bool {
	switch b {
	case read.BoundClient, read.BoundPorts, read.BoundDescriptors, read.BoundSearch:
		return true
	}
	return false
}
