package sweep

import (
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"connbench/results/stats"
)

// Trial is one trial to run: where it comes in the order, and what it measures.
type Trial struct {
	Number, Block int
	Model         string
	Clients       int
	Payload       Payload
	Rate          float64 // of an open loop, 0 of a closed one; the mean where it changes
	Profile       string  // how it changes, empty where it does not

	// Of a probe of a [Table]: which one, and how long it measures if not as the plan
	// says, after a warm-up of that at the least.
	Probe          string
	Step           int // of the table, see [TableSteps]
	Window, Warmup Duration
	Active         float64 // share of the clients that send, 0 for as the plan says
}

// at is the point that it measures.
func (t *Trial) at() stats.At {
	return stats.At{Clients: t.Clients, PayloadBytes: int(t.Payload.Size), RateRPS: t.Rate}
}

// block is one point, measured once with every model.
type block []Trial

// Order is the plan's trials in the order in which they run, the same for the
// same plan and seed. A block is one point, measured once with every model, in
// shuffled order: what is compared is measured close together, and a drift of the
// machine meets no model more than another. The blocks of each repetition are
// shuffled too.
func (p *Plan) Order() []Trial {
	var trials []Trial
	n := 0
	for round := range p.rounds(Numbers{}) {
		if n++; n > p.Trials {
			break
		}
		trials = append(trials, slices.Concat(round...)...)
	}
	return trials
}

// Numbers is how many trials, and blocks of them, a run of several plans has had before one.
type Numbers struct{ Trials, Blocks int }

// After is how many there are after the plan, without a precision, too.
func (p *Plan) After(before Numbers) Numbers {
	blocks := p.Trials * len(p.points())
	return Numbers{before.Trials + blocks*len(p.Models), before.Blocks + blocks}
}

// rounds are the repetitions of a plan without end, each a block of each point. A
// trial's number is its place in all of them, behind those before the plan.
func (p *Plan) rounds(before Numbers) iter.Seq[[]block] {
	return func(yield func([]block) bool) {
		random := rand.New(rand.NewPCG(p.Seed, uint64(before.Trials)))
		number, blocks := before.Trials, before.Blocks
		for {
			points := p.points()
			random.Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
			round := make([]block, len(points))
			for i, point := range points {
				models := slices.Clone(p.Models)
				random.Shuffle(len(models), func(i, j int) { models[i], models[j] = models[j], models[i] })
				for _, m := range models {
					point.Number, point.Block, point.Model = number, blocks, m
					round[i] = append(round[i], point)
					number++
				}
				blocks++
			}
			if !yield(round) {
				return
			}
		}
	}
}

func (p *Plan) points() []Trial {
	var points []Trial
	for _, clients := range p.Clients {
		for _, payload := range p.payloads() {
			for _, rate := range p.rates() {
				points = append(points, Trial{Clients: clients, Payload: payload, Rate: rate.mean(time.Duration(p.Duration)), Profile: rate.Profile})
			}
		}
	}
	return points
}
