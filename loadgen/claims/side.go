package claims

import (
	"fmt"
	"math"
	"strings"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"

	"gonum.org/v1/gonum/stat/combin"
)

func confirmedIf(holds bool) read.ClaimOutcome {
	if holds {
		return read.Confirmed
	}
	return read.Refuted
}

// say sets the outcome and adds a sentence that says why.
func (r *finding) say(outcome read.ClaimOutcome, format string, args ...any) {
	r.outcome = outcome
	r.sentence += fmt.Sprintf(format, args...)
}

// median adds a figure of several measurements.
func (r *finding) median(name, unit string, values []float64) {
	i := stats.MedianInterval(values)
	r.figures = append(r.figures, read.Figure(name, i.Estimate, unit).Between(i))
}

// medianIn adds a figure of a row's trials, if it was measured.
func (r *finding) medianIn(trials []results.Trial, of *results.Figure, name, unit, row string) {
	if i, rests, known := stats.MedianIn(trials, of, row); known {
		r.figures = append(r.figures, read.Figure(name+", "+row, i.Estimate, unit).Between(i).From(rests...))
	}
}

func (r *finding) ratio(name string, e stats.Effect, rests ...*results.Trial) {
	r.figures = append(r.figures, read.Figure(name, e.Ratio.Estimate, "").Between(e.Ratio).From(rests...))
}

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
// only if all are on the other one. What keeps it from being decided is said with its interval.
func (r *finding) sided(wanted int, ratios ...stats.Effect) {
	sides, few := map[int]int{}, false
	var open []string
	for _, e := range ratios {
		side := beside(e)
		sides[side]++
		few = few || !e.Ratio.Bounded()
		if side == 0 {
			open = append(open, e.Ratio.Bounds(results.Times))
		}
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
		r.sentence += fmt.Sprintf(" The trials vary too much to tell: it may be %s times.", strings.Join(open, ", or "))
	default:
		r.sentence += " That is not the same for all."
	}
}

// moreOften reports whether something is there in more of some cases than of others beyond chance, by the
// exact test of R. A. Fisher ("The design of experiments", 1935).
func moreOften(some, of, others, ofOthers int) bool {
	all, p := float64(some+others), 0.0
	for k := some; k <= min(of, some+others); k++ {
		if some+others-k <= ofOthers {
			p += math.Exp(combin.LogGeneralizedBinomial(float64(of), float64(k)) + combin.LogGeneralizedBinomial(float64(ofOthers), all-float64(k)) -
				combin.LogGeneralizedBinomial(float64(of+ofOthers), all))
		}
	}
	return p <= stats.Tail
}
