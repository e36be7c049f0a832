package read

import (
	"fmt"
	"math"
	"strings"

	"connbench/results"
	"connbench/results/stats"
)

// TuningWords is what a tuning comes to, in words for people.
type TuningWords struct {
	Lead   string   // the value to set, or that there is none and why
	But    string   // what speaks against it; empty if nothing does
	Gain   []string // over the default, at each point; nil where there is nothing to gain
	Memory []string // that it takes beyond the default; nil likewise
	Alike  []string // the values that may be as good, at each point
	Cut    []string // values that the kernel makes another of
	Go     string   // how a program in Go sets it; empty if there is nothing to set
}

// Words says what to set, what that gives and takes, and where it does not matter.
func (t *Tuning) Words() TuningWords {
	a := &t.Advice
	if a.Setting == nil {
		return TuningWords{Lead: fmt.Sprintf("no %s: %s", t.Knob, a.Why), Cut: t.Cut}
	}
	w := TuningWords{
		Lead: fmt.Sprintf("%s %s%s", t.Knob, a.Setting.Value, t.besideDefault()),
		But:  a.Why,
		Cut:  t.Cut,
		Go:   a.Setting.Go,
	}
	differs := t.Place(t.Default) >= 0 && a.Setting.Row != t.Default
	for _, p := range results.Each(t.Points) {
		if differs {
			w.Gain = append(w.Gain, t.label(p)+t.gain(p))
		}
		w.Alike = append(w.Alike, t.label(p)+t.alikeText(p))
	}
	if differs {
		w.Memory = a.memory()
	}
	return w
}

// besideDefault says how the recommended value is to the default.
func (t *Tuning) besideDefault() string {
	switch {
	case t.Default == "":
		return "" // of a server from elsewhere
	case t.Advice.Setting.Row == t.Default:
		return ", which is the default"
	case t.Place(t.Default) < 0:
		_, value, _ := strings.Cut(t.Default, "=")
		return fmt.Sprintf("; the default, %s, was not measured", value)
	}
	return fmt.Sprintf(" instead of %s, the default", t.Value(t.Default))
}

// label names a point by what the points differ in.
func (t *Tuning) label(p *TunedPoint) string {
	var parts results.Sentences
	parts.When(len(results.Distinct(t.Points, func(p TunedPoint) int { return p.Clients })) > 1, results.Plural(p.Clients, "client"))
	parts.When(len(results.Distinct(t.Points, func(p TunedPoint) int { return p.PayloadBytes })) > 1, "payload "+results.Bytes(int64(p.PayloadBytes)))
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", ") + ": "
}

func (t *Tuning) gain(p *TunedPoint) string {
	if p.Gain == nil {
		return "not known: no valid trials of both"
	}
	r, what := p.Gain.Ratio, p.Metric.Title
	switch {
	case t.Endless(p.standing(t.Default)) && !t.Endless(p.standing(t.Advice.Setting.Row)):
		return fmt.Sprintf("the %s is finite, and that of the default ∞", what)
	case !r.Bounded():
		return "not known: too few valid trials of both"
	}
	text := fmt.Sprintf("%s times the %s (%s)", results.Times(r.Estimate), what, r.Bounds(results.Times))
	switch o := p.Gain.Outcome(p.Metric); o {
	case stats.Better:
		return text
	case stats.NoDifference, stats.Undecided:
		return string(o) + ": " + text
	}
	return "a loss: " + text
}

func (a *Recommendation) memory() []string {
	var lines []string
	for _, m := range []struct {
		*stats.Interval
		of string
	}{
		{a.Idle, "for each connection that has sent nothing"},
		{a.Loaded, "of the server's memory for each connection under load"},
	} {
		switch {
		case m.Interval == nil:
		case !m.Bounded():
			lines = append(lines, fmt.Sprintf("%s %s, of too few trials", signedBytes(m.Estimate), m.of))
		default:
			text := fmt.Sprintf("%s %s (%s to %s)", signedBytes(m.Estimate), m.of, signedBytes(m.Low), signedBytes(m.High))
			if m.Overlaps(0, 0) {
				text = "no difference: " + text
			}
			lines = append(lines, text)
		}
	}
	if lines == nil {
		return []string{"not known"}
	}
	return lines
}

// Value is what a row stands for.
func (t *Tuned) Value(row string) string {
	if i := t.Place(row); i >= 0 {
		return t.Settings[i].Value
	}
	return row
}

// Endless reports whether a row's figure is infinite; it may be nil.
func (t *Tuned) Endless(s *stats.Standing) bool {
	return s != nil && t.metric() == results.ConnectP99 && results.NeverConnects(s.Value.Estimate)
}

func signedBytes(v float64) string {
	if v = math.Round(v); v < 0 {
		return "−" + results.Bytes(int64(-v))
	}
	return "+" + results.Bytes(int64(v))
}

// alikeText says which values may be the best, and how far behind it they may be.
func (t *Tuning) alikeText(p *TunedPoint) string {
	n := len(p.Alike)
	switch {
	case n == 0 && !p.anyValid():
		return "nothing is known: no valid trial"
	case n == 0:
		return "nothing is known: too few valid trials"
	case n == 1:
		return t.Value(p.Alike[0]) + " alone is the best"
	}
	most := 1.0
	var rows, few []string
	for _, row := range p.Alike {
		behind := p.MostBehind(row)
		if math.IsInf(behind, 1) {
			few = append(few, row)
			continue
		}
		rows, most = append(rows, row), max(most, behind)
	}
	var parts []string
	switch {
	case len(rows) == 0:
	case most <= matters:
		parts = append(parts, fmt.Sprintf("%s, where it does not matter: at most %s times behind the best", t.span(rows), results.Times(most)))
	default:
		parts = append(parts, fmt.Sprintf("%s, of which some may be %s times behind the best", t.span(rows), results.Times(most)))
	}
	if len(few) > 0 {
		parts = append(parts, "too few valid trials of "+t.span(few))
	}
	return strings.Join(parts, "; ")
}

// span is rows as values, from the first to the last where all between are there.
func (t *Tuning) span(rows []string) string {
	values, n := results.Map(rows, t.Value), len(rows)
	if first, last := t.Place(rows[0]), t.Place(rows[n-1]); n > 2 && last-first == n-1 {
		return values[0] + " to " + values[n-1]
	}
	return strings.Join(values, ", ")
}
