package plots

import (
	"fmt"
	"slices"
	"strings"


	"connbench/results"
	"connbench/results/stats"
)

// answer is which rows are better than others, in sentences.
type answer struct {
	Summary []string
	Points  []finding
	Ranked  bool // whether any two rows were compared
	Few     bool // no point has trials enough to tell rows apart
}

// finding is the answer at one point.
type finding struct {
	Where    string
	Lead     string
	Rest     []string // each of a row behind the first ones
	More     int      // rows left out of them
	Metric   string
	Rows     []place
	Unranked []unranked
}

// unranked are rows that are left out for the same reason.
type unranked struct {
	Models   string
	Why      string
	Verdicts []string
	names    []string
}

// phrase is how a sentence speaks of a metric: "%s" stands for a value or a ratio.
type phrase struct{ first, noun, times string }

var phrases = map[string]phrase{
	"server_cpu_ns_per_request": {"takes the least server CPU a request", "server CPU a request", "takes %s times as much"},
	"throughput_rps":            {"answers the most requests a second", "requests a second", "answers %s times as many"},
	"response_latency_ns.p99":   {"has the lowest p99 latency", "p99 latency", "has %s times that"},
}

// phraseOf falls back to words that fit any metric.
func phraseOf(m *results.Metric) phrase {
	if p, has := phrases[m.Name]; has {
		return p
	}
	return phrase{"is first in " + m.Title, m.Title, "has %s times that"}
}

// Sentences name at most so many rows each, and the last.
const maxSentences = 5

func answerOf(rankings []stats.Ranking, points []stats.Point) answer {
	a := answer{Few: true}
	several := func(of func(results.Key) string) bool {
		return slices.ContainsFunc(points, func(p stats.Point) bool { return of(p.Key) != of(points[0].Key) })
	}
	work := several(func(k results.Key) string { return k.Work })
	knobs := several(func(k results.Key) string { return k.Knobs })
	for i := range rankings {
		r := &rankings[i]
		f := findingOf(r, points)
		if work && r.Work != "" {
			f.Where += ", " + r.Work
		}
		if knobs {
			f.Where += ", " + r.Knobs
		}
		a.Points = append(a.Points, f)
		a.Ranked = a.Ranked || r.Ranked() > 1
		for _, s := range r.Standings {
			a.Few = a.Few && (s.Best == nil || s.Best.Trials < fewest)
		}
	}
	a.Few = a.Few && a.Ranked
	if len(rankings) > 1 && a.Ranked && !a.Few {
		a.Summary = summaryOf(rankings)
	}
	return a
}

// fewest trials can tell two rows apart; see [results.Rank].
const fewest = 6

func whereOf(k results.Key) string {
	at := counted(k.Clients, "client") + ", " + results.Bytes(int64(k.PayloadBytes))
	if k.Loop == results.OpenLoop {
		at += ", " + results.Count(k.RateRPS) + " requests/s asked"
	}
	return at
}

func findingOf(r *stats.Ranking, points []stats.Point) finding {
	f := finding{Where: whereOf(r.Key), Metric: phraseOf(r.Metric).noun, Lead: lead(r)}
	var rest []string
	for i := range r.Standings {
		s := &r.Standings[i]
		switch {
		case s.First == 0:
			f.leaveOut(s, pointOfRow(r, s, points))
			continue
		case s.First > 1:
			rest = append(rest, behind(r, s))
		}
		f.Rows = append(f.Rows, placeOf(r, s))
	}
	if f.Rest = rest; len(rest) > maxSentences {
		f.More = len(rest) - maxSentences
		f.Rest = append(rest[:maxSentences-1:maxSentences-1], rest[len(rest)-1])
	}
	return f
}

// lead says which rows are first: those that none is better than beyond chance.
func lead(r *stats.Ranking) string {
	first := slices.DeleteFunc(slices.Clone(r.Standings), func(s stats.Standing) bool { return s.First != 1 })
	words := phraseOf(r.Metric)
	text := func(v float64) string { return textOf(r.Metric.Name, v) }
	switch {
	case len(first) == 0:
		return "No row is ranked."
	case r.Ranked() == 1:
		return fmt.Sprintf("Only %s is ranked: %s %s.", first[0].Model, words.noun, valueOf(r, first[0].Value))
	case len(first) == 1:
		return fmt.Sprintf("%s %s, %s.", first[0].Model, words.first, valueOf(r, first[0].Value))
	}
	low, high := text(first[0].Value.Estimate), text(first[len(first)-1].Value.Estimate)
	if len(first) == r.Ranked() {
		return fmt.Sprintf("None of the %d ranked rows can be told apart: %s is from %s (%s) to %s (%s).",
			len(first), words.noun, low, first[0].Model, high, first[len(first)-1].Model)
	}
	var names []string
	for _, s := range first {
		names = append(names, s.Model)
	}
	return fmt.Sprintf("%s are first and cannot be told apart: %s from %s to %s.", enumerate(names), words.noun, low, high)
}

// valueOf is a median with its interval: "4.54 µs (4.5 to 4.6 µs)".
func valueOf(r *stats.Ranking, v stats.Interval) string {
	s := textOf(r.Metric.Name, v.Estimate)
	if v.Bounded() {
		s += " (" + bounds(r.Metric.Name, v) + ")"
	}
	return s
}

// behind is a sentence on a row that some are better than.
func behind(r *stats.Ranking, s *stats.Standing) string {
	if s.Best == nil { // the best median, and yet behind within blocks
		return fmt.Sprintf("%s is behind, with %s", s.Model, valueOf(r, s.Value))
	}
	sentence := s.Model + " " + fmt.Sprintf(phraseOf(r.Metric).times, ratioText(s.Best.Ratio.Estimate))
	if s.Best.Ratio.Bounded() {
		sentence += fmt.Sprintf(" (%s to %s)", ratioText(s.Best.Ratio.Low), ratioText(s.Best.Ratio.High))
	}
	return sentence
}

// pointOfRow is nil where there is none.
func pointOfRow(r *stats.Ranking, s *stats.Standing, points []stats.Point) *stats.Point {
	i := slices.IndexFunc(points, func(p stats.Point) bool { return p.Model == s.Model && sharedKey(p.Key) == r.Key })
	if i < 0 {
		return nil
	}
	return &points[i]
}

// leaveOut names a row beside the others that are left out for the same.
func (f *finding) leaveOut(s *stats.Standing, p *stats.Point) {
	out := unranked{Why: s.Why}
	if p != nil {
		out.Verdicts = p.Verdicts
		if !p.HasFigures() {
			out.Why += ": " + oneLine(p.Failures[0])
		}
	}
	i := slices.IndexFunc(f.Unranked, func(u unranked) bool { return u.Why == out.Why && slices.Equal(u.Verdicts, out.Verdicts) })
	if i < 0 {
		i, f.Unranked = len(f.Unranked), append(f.Unranked, out)
	}
	u := &f.Unranked[i]
	u.names = append(u.names, s.Model)
	u.Models = enumerate(u.names)
}

// oneLine keeps a text of several lines within a sentence or a cell.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// enumerate is "a, b and c".
func enumerate(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

func ratioText(v float64) string { return fmt.Sprintf("%.3g", v) }
