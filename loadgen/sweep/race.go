package sweep

import (
	"slices"

	"connbench/results"
	"connbench/results/stats"
)

// fewestLook is after how many blocks of a point a race is first looked at: with fewer there
// is no scatter to speak of.
const fewestLook = 3

type rowAt struct {
	stats.At
	model string
}

// race takes rows out of the blocks from a round on of which more trials would tell nothing
// that matters, by looks at half of the planned blocks and after each further eighth. What a
// look decides is stored, and not decided again by a run that goes on.
func (r *Runner) race(n int, round []block) error {
	from, step := max(fewestLook, (r.Plan.Trials+1)/2), max(1, r.Plan.Trials/8)
	if done := n - 1; !r.Plan.Racing || done < from || done >= r.Plan.Trials || (done-from)%step != 0 {
		return nil
	}
	first := round[0][0].Number
	looks := slices.DeleteFunc(slices.Clone(r.Store.Run.Looks), func(l results.Look) bool { return l.Trial != first })
	if looks == nil {
		if looks = r.decide(n-1, first); looks == nil {
			return nil
		}
		if err := r.Store.Looked(append(slices.Clip(r.Store.Run.Looks), looks...)); err != nil {
			return err
		}
	}
	for i := range looks {
		r.take(&looks[i])
	}
	return nil
}

// decide is a look after so many blocks of each point.
func (r *Runner) decide(done, first int) []results.Look {
	share := float64(done) / float64(r.Plan.Trials)
	leaving := stats.Leave(r.before(first), share)
	var looks []results.Look
	for _, p := range r.Plan.points() {
		at := p.at()
		left := slices.DeleteFunc(leaving[at], func(l results.Leaving) bool { return r.left[rowAt{at, l.Model}] })
		if len(left) > 0 {
			looks = append(looks, results.Look{
				Trial: first, Blocks: done, Planned: r.Plan.Trials, Level: stats.Boundary(share),
				Clients: at.Clients, PayloadBytes: at.PayloadBytes, RateRPS: at.RateRPS, Left: left,
			})
		}
	}
	return looks
}

// take takes rows out of further blocks.
func (r *Runner) take(l *results.Look) {
	at := stats.At{Clients: l.Clients, PayloadBytes: l.PayloadBytes, RateRPS: l.RateRPS}
	for _, row := range l.Left {
		r.left[rowAt{at, row.Model}] = true
	}
	r.spared += l.Trials()
}

// before is what is stored of the trials before one that were made where this run is.
func (r *Runner) before(first int) []results.Trial {
	return slices.DeleteFunc(slices.Clone(r.Stored), func(t results.Trial) bool {
		return t.Trial >= first || t.Environment != r.Store.Where()
	})
}
