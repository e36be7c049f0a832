package claims

import (
	"connbench/results/read"
	"connbench/results/stats"
)

// beside reports on which side of 1 a ratio is: -1 or 1, or 0 where its interval has 1 in
// it.
func beside(e stats.Effect) int {
	switch {
	case !e.Ratio.Bounded():
		return 0
	case e.Ratio.High < 1:
		return -1
	case e.Ratio.Low > 1:
		return 1
	}
	return 0
}

// sided decides a claim whose ratios should all be on the side wanted: it is refuted
// only if all are on the other one.
func (r *finding) sided(wanted int, ratios ...stats.Effect) {
	sides, few := map[int]int{}, false
	for _, e := range ratios {
		sides[beside(e)]++
		few = few || !e.Ratio.Bounded()
	}
	switch {
	case sides[wanted] == len(ratios):
		r.outcome = read.Confirmed
		return
	case sides[-wanted] == len(ratios):
		r.outcome = read.Refuted
		return
	}
	r.outcome = read.Undecidable
	switch {
	case few:
		r.sentence += " There are too few valid trials to tell."
	case sides[0] > 0:
		r.sentence += " The trials vary too much to tell."
	default:
		r.sentence += " That is not the same for all."
	}
}
