package page

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"connbench/results"
	"connbench/results/document"
	"connbench/results/read"
)

// probeColumn is a column of the trials below a row of a comparison table.
type probeColumn struct {
	title string
	text  func(*profilePage, *record) string
}

var probeColumns = []probeColumn{
	{"probe", func(_ *profilePage, l *record) string { return l.Probe }},
	{"clients", func(_ *profilePage, l *record) string { return strconv.Itoa(l.Clients) }},
	{"outcome", func(p *profilePage, l *record) string { return p.outcome(l) }},
	{"req/s", figureText(results.Throughput)},
	{"p99", figureText(results.P99)},
	{"server CPU/req", figureText(results.ServerCPU)},
	{"idle connection", figureText(results.IdleRSS)},
	{"threads", figureText(results.Threads)},
}

func figureText(f *results.Figure) func(*profilePage, *record) string {
	return func(_ *profilePage, l *record) string { return l.text(f) }
}

// outcome of a probe of capacity is what kept the server from the goal, if anything did.
func (p *profilePage) outcome(l *record) string {
	if l.Probe != results.ProbeCapacity {
		return results.Absent
	}
	return cmp.Or(string(p.Goal.Bound(l.Trial)), "kept")
}

// data is a row with its trials.
func (p *profilePage) data(r *read.Profile) pointData {
	d := pointData{Model: r.Model, Clients: r.Capacity.Clients, Trials: []trialData{}}
	rests := p.restsOn(r)
	for _, l := range p.records[r.Model] {
		t := trialData{Trial: l.Trial.Trial, Attempt: l.Attempt, Line: l.number, Verdicts: l.Verdicts, Log: logOf(l.Trial)}
		for _, column := range probeColumns {
			t.Texts = append(t.Texts, column.text(p, l))
		}
		if l.Failure == "" {
			t.Served = fmt.Sprintf("%d/%d", l.ClientsServed, l.ClientsActive)
		}
		var notes []string
		for _, part := range rests {
			if slices.Contains(part.lines, l.number) {
				t.Used = true
				notes = append(notes, part.what)
			}
		}
		if n := l.notes(); n != "" {
			notes = append(notes, n)
		}
		t.Notes = strings.Join(notes, "; ")
		d.Trials = append(d.Trials, t)
	}
	sortTrials(d.Trials)
	d.About = r.Model + ": what its figures rest on is in full colour."
	for _, part := range rests {
		d.About += fmt.Sprintf(" %s: %s.", strings.ToUpper(part.what[:1])+part.what[1:], linesText(part.lines))
	}
	return d
}

// rest is a figure of a row, and the lines of trials.jsonl that it rests on.
type rest struct {
	what  string
	lines []int
}

// restsOn are the lines behind a row's figures.
func (p *profilePage) restsOn(r *read.Profile) []rest {
	var all []rest
	add := func(what string, of func(*record) bool) {
		var lines []int
		for _, l := range p.records[r.Model] {
			if l.last && of(l) {
				lines = append(lines, l.number)
			}
		}
		if len(lines) > 0 {
			all = append(all, rest{what, lines})
		}
	}
	c := &r.Capacity
	add("max clients", func(l *record) bool { return c.Trial != nil && l.Trial.Trial == c.Trial.Trial })
	add("what bounds them", func(l *record) bool {
		return c.At > 0 && l.Probe == results.ProbeCapacity && l.Clients == c.At && p.Goal.Bound(l.Trial) == c.Bound
	})
	add("requests a second of a CPU", func(l *record) bool { return l.Probe == results.ProbeSaturation && l.Valid() })
	add("p99 at half", func(l *record) bool {
		return l.Probe == results.ProbeHalf && l.Failure == "" && (l.Valid() || r.HalfAtMost != nil && read.OnlyDisturbed(l.Trial))
	})
	return all
}

// linesText names lines of trials.jsonl: "lines 3 and 5".
func linesText(lines []int) string {
	names := make([]string, len(lines))
	for i, n := range lines {
		names[i] = strconv.Itoa(n)
	}
	if len(lines) == 1 {
		return "line " + names[0]
	}
	return "lines " + document.Enumerate(names)
}
