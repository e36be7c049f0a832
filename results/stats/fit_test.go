package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"connbench/results"
)

// machine is how trials scatter: they drift together, each row by itself, now and then in
// bursts or far off, and some are not valid.
type machine struct {
	name           string
	drift, phase   float64 // SD, and over how many trials it lasts
	white, rows    float64 // SD of a trial, and of the logarithm of that between rows
	tails          bool    // Student's, of 3 degrees of freedom
	bursts, height float64 // how likely one begins, and its mean
	invalid        float64
}

// simulations is how many times as often as in a test of minutes is simulated; see `make selfcheck`.
var simulations = 1

var machines = []machine{
	{name: "white", drift: 0.06, phase: 200, white: 0.15},
	{name: "drift", drift: 0.135, phase: 3, white: 0.1},
	{name: "unequal rows", drift: 0.135, phase: 3, white: 0.1, rows: 0.5},
	{name: "heavy tails", drift: 0.135, phase: 3, white: 0.07, rows: 0.3, tails: true},
	{name: "bursts", drift: 0.1, phase: 3, white: 0.08, rows: 0.3, bursts: 0.03, height: 0.4},
	{name: "missing", drift: 0.1, phase: 3, white: 0.07, rows: 0.3, tails: true, bursts: 0.02, height: 0.3, invalid: 0.3},
}

// cells are blocks of rows of these levels.
func (m *machine) cells(r *rand.Rand, blocks int, levels []float64) []cell {
	own := make([]float64, len(levels))
	for i := range own {
		own[i] = m.white * math.Exp(m.rows*r.NormFloat64())
	}
	var cells []cell
	drift, stays, burst, at := m.drift*r.NormFloat64(), math.Exp(-1/m.phase), 0, 0
	for block := range blocks {
		for _, i := range r.Perm(len(levels)) {
			drift = stays*drift + m.drift*math.Sqrt(1-stays*stays)*r.NormFloat64()
			at++
			y := levels[i] + drift + own[i]*m.noise(r)
			if burst == 0 && r.Float64() < m.bursts {
				burst = 1 + r.IntN(4)
			}
			if burst > 0 {
				y, burst = y+m.height*r.ExpFloat64(), burst-1
			}
			if r.Float64() >= m.invalid {
				cells = append(cells, cell{i, block, float64(at), y})
			}
		}
	}
	return cells
}

func (m *machine) noise(r *rand.Rand) float64 {
	if !m.tails {
		return r.NormFloat64()
	}
	square := 0.0
	for range 3 {
		n := r.NormFloat64()
		square += n * n / 3
	}
	return r.NormFloat64() / math.Sqrt(square)
}

// whole reports whether each row has a cell.
func whole(cells []cell, rows int) bool {
	seen := map[int]bool{}
	for _, c := range cells {
		seen[c.row] = true
	}
	return len(seen) == rows
}

// tally is what became of the pairs of many fits.
type tally struct{ pairs, covered, found, runs, wrong int }

// try fits rows of which the first is as much as lead better than the others, which are equal.
func try(m *machine, runs, rows, blocks int, lead float64) (n tally) {
	r := rand.New(rand.NewPCG(uint64(rows), uint64(blocks)))
	levels := make([]float64, rows)
	levels[0] = -math.Log(lead)
	for n.runs < runs {
		cells := m.cells(r, blocks, levels)
		if !whole(cells, rows) {
			continue
		}
		n.runs++
		n.add(newFit(cells), levels)
	}
	return n
}

func (n *tally) add(f *fit, levels []float64) {
	var p []float64
	var same []bool
	for i := range levels {
		for k := i + 1; k < len(levels); k++ {
			e := f.effect(i, k)
			if truth := math.Exp(levels[k] - levels[i]); e.Ratio.Overlaps(truth, truth) {
				n.covered++
			}
			p, same = append(p, e.P), append(same, levels[i] == levels[k])
		}
	}
	n.pairs += len(p)
	wrong := false
	for i, adjusted := range FalseDiscovery(p) {
		switch {
		case adjusted > Significance:
		case same[i]:
			wrong = true
		default:
			n.found++
		}
	}
	if wrong {
		n.wrong++
	}
}

// The intervals hold the truth as often as they say, and equal rows are seldom told apart,
// on machines of all kinds.
func TestFitCovers(t *testing.T) {
	for i := range machines {
		m := &machines[i]
		for _, size := range []struct{ rows, blocks, runs int }{{2, 10, 100}, {2, 40, 30}, {4, 8, 40}, {8, 6, 20}, {8, 20, 10}, {28, 6, 6}} {
			n := try(m, size.runs*simulations, size.rows, size.blocks, 1)
			covered, wrong := float64(n.covered)/float64(n.pairs), float64(n.wrong)/float64(n.runs)
			t.Logf("%-12s %2d rows, %2d blocks: %.1f %% covered, rows told apart in %.1f %% of the runs", m.name, size.rows, size.blocks, 100*covered, 100*wrong)
			if off := 0.02 + 0.4/math.Sqrt(float64(n.runs)); covered < Confidence-off || covered > Confidence+off {
				t.Errorf("%s, %d rows, %d blocks: %.1f %% of the intervals hold the truth", m.name, size.rows, size.blocks, 100*covered)
			}
			if chance := 2.6 * math.Sqrt(0.06*0.94/float64(n.runs)); wrong > 0.06+chance {
				t.Errorf("%s, %d rows, %d blocks: equal rows are told apart in %.1f %% of the runs", m.name, size.rows, size.blocks, 100*wrong)
			}
		}
	}
}

// A tenth between eight rows is found in a hundred blocks, which take five minutes, with
// the scatter that these machines have.
func TestFitFinds(t *testing.T) {
	for i := range machines {
		m := &machines[i]
		n := try(m, 8*simulations, 8, 100, 1.1)
		found := float64(n.found) / float64(7*n.runs)
		t.Logf("%s: %.0f %%", m.name, 100*found)
		if found < 0.75 {
			t.Errorf("%s: a tenth is found in %.0f %% of the pairs", m.name, 100*found)
		}
	}
}

func TestFitOfLittle(t *testing.T) {
	tests := []struct {
		name    string
		cells   []cell
		ratio   float64
		bounded bool
	}{
		{"one block", []cell{{0, 0, 0, 0}, {1, 0, 0, math.Ln2}}, 2, false},
		{"two blocks", []cell{{0, 0, 0, 0}, {1, 0, 0, math.Ln2}, {0, 1, 1, 1}, {1, 1, 1, 1 + math.Ln2}}, 2, false},
		{"three without scatter", []cell{{0, 0, 0, 0}, {1, 0, 0, math.Ln2}, {0, 1, 1, 1}, {1, 1, 1, 1 + math.Ln2}, {0, 2, 2, 2}, {1, 2, 2, 2 + math.Ln2}}, 2, true},
		{"no block in common", []cell{{0, 0, 0, 0}, {0, 1, 1, 0.1}, {0, 2, 2, -0.1}, {1, 3, 3, math.Ln2}, {1, 4, 4, math.Ln2 + 0.1}, {1, 5, 5, math.Ln2 - 0.1}}, 2, true},
		{"a trial of one row", []cell{{0, 0, 0, 0}, {1, 0, 0, 0.7}, {2, 0, 0, 0}, {1, 1, 1, 0.7}, {2, 1, 1, 0.1}, {1, 2, 2, 0.6}, {2, 2, 2, 0}}, math.Exp(0.65), false},
	}
	for _, tt := range tests {
		e := newFit(tt.cells).effect(0, 1)
		if math.Abs(math.Log(e.Ratio.Estimate/tt.ratio)) > 0.06 || e.Ratio.Bounded() != tt.bounded || !(e.P >= 0 && e.P <= 1) {
			t.Errorf("%s: %+v", tt.name, e)
		}
	}
}

// Intervals hold the truth as often where measuring ends when they are narrow enough, by
// looks at ever more blocks as a sweep with a precision takes them.
func TestFitCoversWhereItStops(t *testing.T) {
	levels := []float64{0, 0, 0.1, 0.3}
	for i := range machines {
		m, r := &machines[i], rand.New(rand.NewPCG(7, 7))
		covered, pairs, blocks := 0, 0, 0
		for range 15 * simulations {
			cells := m.cells(r, 400, levels)
			for n := 6; ; n += max(1, n/4) {
				first := slices.DeleteFunc(slices.Clone(cells), func(c cell) bool { return c.block >= n })
				if len(results.Distinct(first, func(c cell) int { return c.row })) < len(levels) {
					continue // a row without a valid trial is not known well
				}
				f := newFit(first)
				most := 0.0
				for k := 1; k < len(levels); k++ {
					e := f.effect(0, k)
					most = max(most, e.Ratio.High/e.Ratio.Estimate-1)
				}
				if most > 0.08 && n < 300 {
					continue
				}
				blocks += n
				for k := 1; k < len(levels); k++ {
					e, truth := f.effect(0, k), math.Exp(levels[k]-levels[0])
					if pairs++; e.Ratio.Overlaps(truth, truth) {
						covered++
					}
				}
				break
			}
		}
		share := float64(covered) / float64(pairs)
		t.Logf("%s: %.1f %% covered after %d blocks in the mean", m.name, 100*share, blocks/(15*simulations))
		if share < 0.92-0.4/math.Sqrt(float64(pairs)/3) { // the three of a run are not independent
			t.Errorf("%s: %.1f %% of the intervals hold the truth", m.name, 100*share)
		}
	}
}
