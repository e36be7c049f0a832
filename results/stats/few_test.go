package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// fewOf are cells of equal rows, in blocks of which rows 0 and 1 keep so many each, drawn at random; of
// two runs the second follows the first, with rows and blocks of its own, and rows 0 and 1 are one of each.
func fewOf(m *machine, r *rand.Rand, rows int, valid [2]int, runs int) []cell {
	blocks := max(3, valid[0], valid[1])
	keep := [2][]int{r.Perm(blocks)[:valid[0]], r.Perm(blocks)[:valid[1]]}
	var cells []cell
	for run := range runs {
		for _, c := range m.cells(r, blocks, make([]float64, rows)) {
			if runs == 1 && c.row < 2 && !slices.Contains(keep[c.row], c.block) || runs == 2 && c.row == 0 && !slices.Contains(keep[run], c.block) {
				continue
			}
			c.row, c.block, c.at = c.row*runs+run, c.block*runs+run, c.at+1000*float64(run)
			cells = append(cells, c)
		}
	}
	return cells
}

// TestFitOfFewTrials: equal rows differ by chance as seldom as is said, however few trials of them are valid,
// within a run and in two, and hardly ever beyond all doubt.
func TestFitOfFewTrials(t *testing.T) {
	runs := 150 * simulations
	for _, m := range []*machine{&machines[0], &machines[1], &machines[3]} {
		for _, rows := range []struct{ n, runs int }{{2, 1}, {3, 1}, {1, 2}, {3, 2}} {
			for _, valid := range [][2]int{{1, 1}, {1, 3}, {2, 2}, {2, 6}, {3, 3}, {4, 4}, {6, 6}} {
				r := rand.New(rand.NewPCG(uint64(rows.n), uint64(valid[1])))
				machine := *m
				if rows.runs == 2 {
					machine.phase = 0.3 // what lasts longer than a run no run can tell; see shareOut
				}
				wrong, certain := 0, 0
				for range runs {
					e := newFit(fewOf(&machine, r, rows.n, valid, rows.runs)).effect(0, 1)
					if e.P <= Significance {
						wrong++
					}
					if e.P <= Significance/50 {
						certain++
					}
				}
				share, n := float64(wrong)/float64(runs), float64(runs)
				t.Logf("%-12s %d runs of %d rows, %d valid: %4.1f %%, %4.1f %% certain", m.name, rows.runs, rows.n, valid, 100*share, 100*float64(certain)/n)
				if share > 0.06+2.6*math.Sqrt(0.06*0.94/n) || float64(certain)/n > 0.005+3*math.Sqrt(0.005/n) {
					t.Errorf("%s, %d runs of %d rows, %d valid: equal rows differ in %.1f %%, beyond all doubt in %d of %d", m.name, rows.runs, rows.n, valid, 100*share, certain, runs)
				}
			}
		}
	}
}
