package live

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/stats"
)

// led takes up who leads at the point of a trial, by those stored so far that were made
// where it was. It returns that with the point, for who does not see it.
func (v *view) led(last *results.Trial, stored []results.Trial) string {
	at := stats.At{Clients: last.Clients, PayloadBytes: last.PayloadBytes, RateRPS: last.RateRPS}
	ours := slices.DeleteFunc(slices.Clone(stored), func(t results.Trial) bool {
		return t.Environment != last.Environment || t.Key().Shared() != last.Key().Shared()
	})
	rankings := stats.Rank(stats.Summarize(ours, nil))
	if len(rankings) != 1 || len(rankings[0].Standings) < 2 {
		return ""
	}
	v.leaders[at] = leaders(&rankings[0])
	return place(at.Clients, last.Key().Payload(), at.RateRPS) + ": " + v.leaders[at]
}

const mostLeaders = 3

func leaders(r *stats.Ranking) string {
	first, ranked := r.Leaders(), r.Ranked()
	placed := fmt.Sprintf("%d of %d placed", ranked, len(r.Standings))
	switch {
	case ranked < 2:
		return placed
	case len(first) == ranked:
		return "no two rows told apart yet" + within(first) + "; " + placed
	case len(first) == 1:
		return first[0].Model + " first" + ahead(r) + "; " + placed
	}
	return namesOf(first) + " first" + within(first) + "; " + placed
}

func namesOf(rows []stats.Standing) string {
	names := results.Map(rows, func(s stats.Standing) string { return s.Model })
	if more := len(names) - mostLeaders + 1; more > 1 {
		names = append(names[:mostLeaders-1], fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}

// within is how far from the best rows are at the most.
func within(rows []stats.Standing) string {
	if most, known := stats.Farthest(rows); known {
		return fmt.Sprintf(" (within %s times)", results.Ratio(most))
	}
	return ""
}

// ahead is how far behind a single leader the next is at the least.
func ahead(r *stats.Ranking) string {
	least := math.Inf(1)
	for _, s := range r.Standings[1:r.Ranked()] {
		least = min(least, max(s.Best.Low, 1/s.Best.High))
	}
	if least < 1.01 {
		return ""
	}
	return fmt.Sprintf(" (the next from %s times on)", results.Ratio(least))
}
