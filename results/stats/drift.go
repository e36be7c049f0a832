package stats

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// drift is how a machine drifts while it measures, in common for all rows: by so much
// from block to block, or as a process that forgets (G. E. Uhlenbeck, L. S. Ornstein, "On
// the theory of the Brownian motion", 1930).
type drift struct {
	variance float64
	lasts    float64 // seconds after which a share of 1/e is left; 0 for a block
}

// stays is what share of a drift is left from one cell to the next.
func (d drift) stays(from, to cell) float64 {
	switch {
	case d.lasts > 0:
		return math.Exp(-(to.at - from.at) / d.lasts)
	case from.block == to.block:
		return 1
	}
	return 0
}

// filter is how much of a deviation is taken for drift, cell by cell (R. E. Kalman, "A new
// approach to linear filtering and prediction problems", 1960): so all cells are used
// together in a time that grows with their number alone.
type filter struct {
	stays     []float64 // to the next
	predicted []float64 // variance of the drift before the cell is known
	total     []float64 // and of the cell then
}

func (f *fit) filter(d drift) filter {
	n := len(f.cells)
	k := filter{make([]float64, n), make([]float64, n), make([]float64, n)}
	p := d.variance
	for i, c := range f.cells {
		own := f.variance[c.row]
		k.predicted[i], k.total[i] = p, p+own
		if i+1 < n {
			k.stays[i] = d.stays(c, f.cells[i+1])
			p = k.stays[i]*k.stays[i]*p*own/(p+own) + d.variance*(1-k.stays[i]*k.stays[i])
		}
	}
	return k
}

// whiten makes values of one variance that have nothing in common.
func (k *filter) whiten(values, out []float64) {
	drift := 0.0
	for i, v := range values {
		off := v - drift
		out[i] = off / math.Sqrt(k.total[i])
		drift = k.stays[i] * (drift + off*k.predicted[i]/k.total[i])
	}
}

// smooth is the drift at each cell by what is left of all of them, and which share of
// the cell itself that takes (H. E. Rauch, F. Tung, C. T. Striebel, "Maximum likelihood
// estimates of linear dynamic systems", 1965).
func (f *fit) smooth(left []float64) (drift, taken []float64) {
	k, n := f.filter(f.drift), len(left)
	drift, taken = make([]float64, n), make([]float64, n)
	before := make([]float64, n) // the drift before a cell is known
	for i, v := range left {
		drift[i] = before[i] + (v-before[i])*k.predicted[i]/k.total[i]
		taken[i] = k.predicted[i] * (1 - k.predicted[i]/k.total[i])
		if i+1 < n {
			before[i+1] = k.stays[i] * drift[i]
		}
	}
	for i := n - 2; i >= 0; i-- {
		back := k.stays[i] * taken[i] / k.predicted[i+1]
		drift[i] += back * (drift[i+1] - before[i+1])
		taken[i] += back * back * (taken[i+1] - k.predicted[i+1])
	}
	for i, c := range f.cells {
		taken[i] /= f.variance[c.row]
	}
	return drift, taken
}

// system is the equations of the levels under a drift.
type system struct {
	factors mat.Cholesky
	right   *mat.VecDense
	squares float64 // of the cells, whitened
	logs    float64 // of their variances
}

func (f *fit) system(d drift) *system {
	k, n := f.filter(d), len(f.cells)
	design := mat.NewDense(f.rows, n, nil) // by row: whitening goes along it
	for j, c := range f.cells {
		design.Set(c.row, j, 1)
	}
	for i := range f.rows {
		k.whiten(design.RawRowView(i), design.RawRowView(i))
	}
	y := make([]float64, n)
	k.whiten(f.held, y)
	s := &system{right: mat.NewVecDense(f.rows, nil)}
	s.right.MulVec(design, mat.NewVecDense(n, y))
	var information mat.SymDense
	information.SymOuterK(1, design)
	s.factors.Factorize(&information) // positive: each row has a cell of a variance
	for i, v := range y {
		s.squares += v * v
		s.logs += math.Log(k.total[i])
	}
	return s
}

// likelihood is the logarithm of the restricted likelihood of a drift, in which what the
// levels have taken is allowed for (H. D. Patterson, R. Thompson, "Recovery of inter-block
// information when block sizes are unequal", 1971), with the scale that fits it best.
func (f *fit) likelihood(d drift) (log, scale float64) {
	s := f.system(d)
	level := mat.NewVecDense(f.rows, nil)
	_ = s.factors.SolveVecTo(level, s.right)
	free := float64(len(f.cells) - f.rows)
	if free <= 0 {
		return 0, 1
	}
	scale = max(leastDeviation*leastDeviation, s.squares-mat.Dot(level, s.right)) / free
	return -(free*math.Log(scale) + s.logs + s.factors.LogDet()) / 2, scale
}

// manyCells is from how many cells on the time of a drift can be told from them.
const manyCells = 40

// likeliest is the drift that the cells speak for most.
func (f *fit) likeliest() drift {
	own := 0.0
	for _, v := range f.variance {
		own += v / float64(f.rows)
	}
	times := []float64{0}
	if n := len(f.cells); n >= manyCells {
		step := (f.cells[n-1].at - f.cells[0].at) / float64(n-1)
		for _, steps := range []float64{1, 3, 10, 30} {
			times = append(times, steps*step)
		}
	}
	ratios := []float64{0.3, 1, 3, 10, 100}
	switch {
	case f.paired:
		ratios = ratios[4:]
	case f.rows <= 2:
		ratios = []float64{1e-6}
	}
	best, most := drift{}, math.Inf(-1)
	for _, lasts := range times {
		for _, times := range ratios {
			d := drift{times * own, lasts}
			log, scale := f.likelihood(d)
			if lasts == 0 {
				log += 2 // a simpler model, unless there is reason for another
			}
			if log > most+1e-6 { // of equals the first, which is the least
				best, most = drift{d.variance * scale, lasts}, log
			}
		}
	}
	return best
}
