package plots

import (
	"fmt"
	"slices"
	"strconv"
	"strings"


	"connbench/results/stats"
)

// place is a row of a ranking.
type place struct {
	Rank, Model, Value, Interval, Ratio, Between, Alike string
}

func placeOf(r *stats.Ranking, s *stats.Standing) place {
	p := place{
		Rank: strconv.Itoa(s.First), Model: s.Model, Value: textOf(r.Metric.Name, s.Value.Estimate),
		Interval: absent, Ratio: "1", Alike: strings.Join(s.Alike, ", "),
	}
	if s.Last > s.First {
		p.Rank += "–" + strconv.Itoa(s.Last)
	}
	if s.Value.Bounded() {
		p.Interval = bounds(r.Metric.Name, s.Value)
	}
	if s.Best != nil {
		p.Ratio, p.Between = ratioText(s.Best.Ratio.Estimate), absent
		if s.Best.Ratio.Bounded() {
			p.Between = ratioText(s.Best.Ratio.Low) + " to " + ratioText(s.Best.Ratio.High)
		}
	}
	if n := len(s.Alike); n > 1 && n == r.Ranked()-1 {
		p.Alike = "any"
	}
	return p
}

// summaryOf counts at how many points each row is among the first.
func summaryOf(rankings []stats.Ranking) []string {
	type count struct {
		model       string
		first, with int
	}
	var counts []count
	ranked := 0
	for i := range rankings {
		r := &rankings[i]
		if r.Ranked() < 2 {
			continue
		}
		ranked++
		first := slices.DeleteFunc(slices.Clone(r.Standings), func(s stats.Standing) bool { return s.First != 1 })
		for _, s := range first {
			at := slices.IndexFunc(counts, func(c count) bool { return c.model == s.Model })
			if at < 0 {
				at, counts = len(counts), append(counts, count{model: s.Model})
			}
			counts[at].first++
			if len(first) > 1 {
				counts[at].with++
			}
		}
	}
	slices.SortStableFunc(counts, func(a, b count) int { return b.first - a.first })
	var sentences []string
	for _, c := range counts[:min(len(counts), maxSentences)] {
		s := fmt.Sprintf("%s is first at %d of %s", c.model, c.first, counted(ranked, "point"))
		if c.with > 0 {
			s += fmt.Sprintf(", at %d of them together with rows that it cannot be told apart from", c.with)
		}
		sentences = append(sentences, s+".")
	}
	return sentences
}
