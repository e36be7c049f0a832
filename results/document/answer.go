package document

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// Answer is which rows differ, which left before the end, and which disturbed others.
func Answer(p *read.Reading) Document {
	return Join(Document{Verdict: runVerdict(p)}, Rankings(p.Rankings, p.Points), Looks(p.Run.Looks), unsliced(p.Trials))
}

// unsliced names rows whose servers worked while others were measured, or had clients wait for longer
// than they were measured themselves.
func unsliced(trials []results.Trial) (d Document) {
	busy := slices.DeleteFunc(slices.Clone(trials), func(t results.Trial) bool { return !results.Restless(&t) })
	for _, of := range results.Grouped(busy, func(t results.Trial) string { return t.Model }) {
		d.Add(Lines(fmt.Sprintf("%s used %s CPUs while others had their slices: these are NOISY, and its further trials are whole.", of[0].Model, results.Ratio(*of[0].ServerRestCPUs))))
	}
	starving := slices.DeleteFunc(slices.Clone(trials), func(t results.Trial) bool { return !results.Starves(&t) })
	slices.SortStableFunc(starving, func(a, b results.Trial) int { return cmp.Compare(a.Clients, b.Clients) })
	for _, of := range results.Grouped(starving, func(t results.Trial) int { return t.Clients }) {
		rows := results.Map(results.Grouped(of, func(t results.Trial) string { return t.Model }), func(of []results.Trial) string { return of[0].Model })
		d.Add(Lines(fmt.Sprintf("With %s %s had some wait for longer than a slice: such trials are LITTLE, and further ones of the same are whole.",
			results.Plural(of[0].Clients, "client"), Enumerate(rows))))
	}
	return d
}

// phrase is how a sentence speaks of a metric: "%s" stands for a ratio.
type phrase struct{ first, noun string }

var phrases = map[*results.Figure]phrase{
	results.ServerCPU:  {"takes the least server CPU a request", "server CPU a request"},
	results.Throughput: {"answers the most requests a second", "requests a second"},
	results.P99:        {"has the lowest p99 latency", "p99 latency"},
}

// phraseOf falls back to words that fit any metric.
func phraseOf(m *results.Figure) phrase {
	if p, has := phrases[m]; has {
		return p
	}
	return phrase{"is first in " + m.Title, m.Title}
}

const (
	maxGroups = 6 // that are named
	// tooWide is from how many times the best's figure on it says nothing that rows cannot be
	// told apart: that of rows which do differ would come to the same.
	tooWide = 2
)

// At is a point in words.
func At(k results.Key) string {
	at := results.Plural(k.Clients, "client") + ", " + k.Payload()
	if rate := asked(k); rate != "" {
		at += ", " + rate
	}
	return at
}

// lead is the answer at one point: who is first, and the groups after them.
func lead(r *stats.Ranking) []string {
	first := r.Leaders()
	words := phraseOf(r.Metric)
	switch ranked := r.Ranked(); {
	case ranked == 0:
		return []string{"No row is placed."}
	case ranked == 1:
		return []string{fmt.Sprintf("Only %s%s is placed: %s %s.", first[0].Model, ofAll(r), words.noun, ValueOf(r.Metric, &first[0]))}
	case len(first) == ranked:
		return []string{fmt.Sprintf("No two of the %d%s rows that are placed can be told apart by %s%s: %s.", ranked, ofAll(r), words.noun, apart(first), membersOf(first, 1))}
	}
	lines := make(results.Sentences, 0, maxGroups+2)
	if len(first) == 1 {
		lines = append(lines, among(r)+fmt.Sprintf("%s %s, %s.", first[0].Model, words.first, ValueOf(r.Metric, &first[0])))
	} else {
		start := among(r) + "first"
		if ofAll(r) == "" {
			start = "First"
		}
		lines = append(lines, fmt.Sprintf("%s by %s, %s and up, are %s%s.", start, words.noun, r.Metric.Text(first[0].Value.Estimate), membersOf(first, 1), apart(first)))
	}
	lines = append(lines, followers(r)...)
	lines.When(slices.ContainsFunc(r.Standings, func(s stats.Standing) bool { return s.Last > s.First }), "* may be in the next tier too.")
	them := "of them"
	if n := r.Ranked(); r.Pairs > n*(n-1)/2 {
		them = "of these and those between too many tiers"
	}
	differ := "differ"
	if r.Pairs == 1 {
		differ = "differs"
	}
	return append(lines, fmt.Sprintf("%d of %d rows are placed, and %d of %s %s %s beyond chance.", r.Ranked(), len(r.Standings), r.Apart, results.Plural(r.Pairs, "pair"), them, differ))
}

// ofAll is how many rows there are, where not all of them are placed.
func ofAll(r *stats.Ranking) string {
	if r.Ranked() == len(r.Standings) {
		return ""
	}
	return fmt.Sprintf(" of %d", len(r.Standings))
}

// among begins a sentence on who is first with among how many, where others might be: those that are not placed.
func among(r *stats.Ranking) string {
	of := ofAll(r)
	if of == "" {
		return ""
	}
	return fmt.Sprintf("Of %d placed rows%s, ", r.Ranked(), of)
}

// apart is how far from the best the rows of a first group may be.
func apart(first []stats.Standing) string {
	most, known := stats.Farthest(first)
	if !known {
		return ", nor is it known how far apart they are"
	}
	if most > tooWide {
		return fmt.Sprintf(", which is not decided: one may be up to %s times behind the best, and more trials would tell", results.Ratio(most))
	}
	return fmt.Sprintf(", none of them more than %s times behind the best", results.Ratio(most))
}

func followers(r *stats.Ranking) []string {
	var lines []string
	groups := 0
	rest := r.Standings[len(r.Leaders()):r.Ranked()]
	for len(rest) > 0 {
		n := 1
		for n < len(rest) && rest[n].First == rest[0].First {
			n++
		}
		group := rest[:n]
		rest = rest[n:]
		if groups++; groups == maxGroups && len(rest) > 0 {
			last := &rest[len(rest)-1]
			return append(lines, fmt.Sprintf("Then %s, the last %s with %s.", results.Plural(n+len(rest), "row"), last.Model, timesOf(rest[len(rest)-1:])))
		}
		lines = append(lines, fmt.Sprintf("Then, with %s: %s.", timesOf(group), membersOf(group, group[0].First)))
	}
	return lines
}

// timesOf is between which ratios to the best the rows of a group are.
func timesOf(group []stats.Standing) string {
	low, high := math.Inf(1), 0.0
	for _, s := range group {
		low, high = min(low, s.Best.Low), max(high, s.Best.High)
	}
	if a, b := results.Ratio(low), results.Ratio(high); a != b {
		return a + " to " + b + " times that"
	}
	return results.Ratio(low) + " times that"
}

// membersOf names rows, with a star those that may be in the next group too.
func membersOf(group []stats.Standing, number int) string {
	return Enumerate(results.Map(group, func(s stats.Standing) string {
		if s.Last > number {
			return s.Model + "*"
		}
		return s.Model
	}))
}

// ValueOf is a figure with its interval: "4.54 µs (4.5 to 4.6 µs)".
func ValueOf(m *results.Figure, s *stats.Standing) string {
	said := m.Text(s.Value.Estimate)
	if s.Value.Bounded() {
		said += " (" + s.Value.Bounds(m.Text) + ")"
	}
	return said
}

// Enumerate is "a, b and c".
func Enumerate(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
