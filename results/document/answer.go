package document

import (
	"fmt"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/stats"
)

// phrase is how a sentence speaks of a metric: "%s" stands for a ratio.
type phrase struct{ first, noun, times string }

var phrases = map[*results.Figure]phrase{
	results.ServerCPU:  {"takes the least server CPU a request", "server CPU a request", "takes %s times as much"},
	results.Throughput: {"answers the most requests a second", "requests a second", "answers %s times as many"},
	results.P99:        {"has the lowest p99 latency", "p99 latency", "has %s times that"},
}

// phraseOf falls back to words that fit any metric.
func phraseOf(m *results.Figure) phrase {
	if p, has := phrases[m]; has {
		return p
	}
	return phrase{"is first in " + m.Title, m.Title, "has %s times that"}
}

const (
	maxSentences = 5 // on rows of a point, and on points
	fewest       = 6 // trials can tell two rows apart; see [stats.Rank]
)

// Answer is which rows are better than others, in sentences, with the whole ranking of each
// point folded below them.
func Answer(rankings []stats.Ranking, points []stats.Point) Document {
	var d Document
	ranked, few := false, true
	for i := range rankings {
		r := &rankings[i]
		ranked = ranked || r.Ranked() > 1
		few = few && !slices.ContainsFunc(r.Standings, func(s stats.Standing) bool { return s.Best != nil && s.Best.Trials >= fewest })
	}
	switch {
	case few && ranked:
		d.Add(Lines("Each row has fewer than six trials, and so few tell nothing apart: the order below may be chance."))
	case len(rankings) > 1 && ranked:
		d.Add(Lines(summaryOf(rankings)...))
	}
	for i := range rankings {
		d.Add(finding(&rankings[i], points))
	}
	if ranked {
		d.Add(Lines("Rows called better are so beyond chance: compared within blocks of trials (Wilcoxon; of fewer than eight as two samples, Mann-Whitney), " +
			"and of all differences called so in this run at most 5 % are none (Benjamini-Hochberg). × first is the median of the ratios to the first row within blocks. " +
			"Values are medians; what stands in parentheses is an interval that holds with 95 % by itself. All rest on the valid trials of the rows, which the table below has. " +
			"Differences are this machine's."))
	}
	return d
}

// At is a point in words.
func At(k results.Key) string {
	at := results.Plural(k.Clients, "client") + ", " + results.Bytes(int64(k.PayloadBytes))
	if rate := asked(k); rate != "" {
		at += ", " + rate
	}
	return at
}

// finding is the answer at one point.
func finding(r *stats.Ranking, points []stats.Point) Block {
	where := "At " + At(r.Key)
	if several(points, func(k results.Key) string { return k.Work }) && r.Work != "" {
		where += ", " + r.Work
	}
	if several(points, func(k results.Key) string { return k.Knobs }) && r.Knobs != "" {
		where += ", " + r.Knobs
	}
	b := Block{Heading: where, Lead: []string{lead(r)}, Folded: fmt.Sprintf("All %d in order of %s", len(r.Standings), phraseOf(r.Metric).noun)}
	var rest []string
	for i := range r.Standings {
		if s := &r.Standings[i]; s.First > 1 {
			rest = append(rest, behind(r, s))
		}
	}
	if n := len(rest); n > maxSentences {
		rest = append(rest[:maxSentences-1:maxSentences-1], rest[n-1]+fmt.Sprintf("; %d more are between them", n-maxSentences))
	}
	if rest != nil {
		b.Lead = append(b.Lead, strings.Join(rest, "; ")+".")
	}
	b.Lead = append(b.Lead, unranked(r, points)...)
	if r.Ranked() > 0 {
		b.Table = rankingTable(r)
	}
	return b
}

func several(points []stats.Point, of func(results.Key) string) bool {
	return slices.ContainsFunc(points, func(p stats.Point) bool { return of(p.Key) != of(points[0].Key) })
}

// lead says which rows are first: those that none is better than beyond chance.
func lead(r *stats.Ranking) string {
	first := slices.DeleteFunc(slices.Clone(r.Standings), func(s stats.Standing) bool { return s.First != 1 })
	words, value := phraseOf(r.Metric), func(s *stats.Standing) string { return r.Metric.Text(s.Value.Estimate) }
	switch {
	case len(first) == 0:
		return "No row is ranked."
	case r.Ranked() == 1:
		return fmt.Sprintf("Only %s is ranked: %s %s.", first[0].Model, words.noun, valueOf(r, &first[0]))
	case len(first) == 1:
		return fmt.Sprintf("%s %s, %s.", first[0].Model, words.first, valueOf(r, &first[0]))
	}
	last := &first[len(first)-1]
	if len(first) == r.Ranked() {
		return fmt.Sprintf("None of the %d ranked rows can be told apart: %s is from %s (%s) to %s (%s).",
			len(first), words.noun, value(&first[0]), first[0].Model, value(last), last.Model)
	}
	var names []string
	for _, s := range first {
		names = append(names, s.Model)
	}
	return fmt.Sprintf("%s are first and cannot be told apart: %s from %s to %s.", Enumerate(names), words.noun, value(&first[0]), value(last))
}

// valueOf is a median with its interval: "4.54 µs (4.5 to 4.6 µs)".
func valueOf(r *stats.Ranking, s *stats.Standing) string {
	said := r.Metric.Text(s.Value.Estimate)
	if s.Value.Bounded() {
		said += " (" + s.Value.Bounds(r.Metric.Text) + ")"
	}
	return said
}

// behind is a sentence on a row that some are better than.
func behind(r *stats.Ranking, s *stats.Standing) string {
	if s.Best == nil { // the best median, and yet behind within blocks
		return fmt.Sprintf("%s is behind, with %s", s.Model, valueOf(r, s))
	}
	sentence := s.Model + " " + fmt.Sprintf(phraseOf(r.Metric).times, results.Ratio(s.Best.Ratio.Estimate))
	if s.Best.Ratio.Bounded() {
		sentence += " (" + s.Best.Ratio.Bounds(results.Ratio) + ")"
	}
	return sentence
}

// unranked are sentences on rows that are left out, those for the same reason together.
func unranked(r *stats.Ranking, points []stats.Point) []string {
	var reasons []string
	models := map[string][]string{}
	for i := range r.Standings {
		s := &r.Standings[i]
		if s.First > 0 {
			continue
		}
		why := s.Why
		if j := slices.IndexFunc(points, func(p stats.Point) bool { return p.Model == s.Model && p.Key.Shared() == r.Key }); j >= 0 {
			p := &points[j]
			if !p.HasFigures() {
				why += ": " + results.OneLine(p.Failures[0])
			}
			if len(p.Verdicts) > 0 {
				why += " " + strings.Join(p.Verdicts, " ")
			}
		}
		if models[why] == nil {
			reasons = append(reasons, why)
		}
		models[why] = append(models[why], s.Model)
	}
	lines := make([]string, len(reasons))
	for i, why := range reasons {
		lines[i] = "Not ranked: " + Enumerate(models[why]) + ", " + why
	}
	return lines
}

// Enumerate is "a, b and c".
func Enumerate(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// summaryOf counts at how many points each row is among the first.
func summaryOf(rankings []stats.Ranking) []string {
	var order []string
	first, with := map[string]int{}, map[string]int{}
	ranked := 0
	for i := range rankings {
		r := &rankings[i]
		if r.Ranked() < 2 {
			continue
		}
		ranked++
		leaders := slices.DeleteFunc(slices.Clone(r.Standings), func(s stats.Standing) bool { return s.First != 1 })
		for _, s := range leaders {
			if first[s.Model] == 0 {
				order = append(order, s.Model)
			}
			first[s.Model]++
			if len(leaders) > 1 {
				with[s.Model]++
			}
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return first[b] - first[a] })
	var sentences []string
	for _, m := range order[:min(len(order), maxSentences)] {
		s := fmt.Sprintf("%s is first at %d of %s", m, first[m], results.Plural(ranked, "point"))
		if with[m] > 0 {
			s += fmt.Sprintf(", at %d of them together with rows that it cannot be told apart from", with[m])
		}
		sentences = append(sentences, s+".")
	}
	return sentences
}
