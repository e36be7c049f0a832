package stats

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"connbench/results"
)

// cell is the logarithm of a figure of a row in a trial.
type cell struct {
	row, block int
	at         float64 // when it was measured, in seconds; cells of one time drift as one
	y          float64
}

// fit is what cells come to by the model of this package: a cell is the level of its row,
// plus where the machine has drifted to, plus noise.
type fit struct {
	cells      []cell    // in the order of time
	held       []float64 // what they are held to
	rows       int
	paired     bool // two rows, in common blocks alone
	drift      drift
	level      []float64     // of each row
	covariance *mat.SymDense // of the levels
	trials     []int         // of each row
	variance   []float64     // of a trial of each row about its level and the drift
	freedom    []float64     // degrees of it behind each variance
}

const (
	// clip is from how many standard deviations on a trial pulls no harder (P. J. Huber,
	// "Robust estimation of a location parameter", 1964): of normal noise one in seven
	// does, which costs 4 % of the trials' worth.
	clip = 1.5
	// clipped is the mean square of normal noise that is held at clip.
	clipped = 0.7785
	// The variance of few held trials comes out too small: by small over the degrees of
	// freedom and perRow over the trials of a row, in the simulations of this package's tests.
	small, perRow = 1.5, 0.5
	// leastDeviation is a standard deviation below which nothing is believed.
	leastDeviation = 1e-4
	rounds         = 60 // at most; see settled
)

// newFit fits cells of rows that are numbered from 0 and have one cell at least. There are
// no infinite cells.
func newFit(cells []cell) *fit {
	f := &fit{}
	f.cells, f.paired = pairs(cells)
	slices.SortStableFunc(f.cells, func(a, b cell) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.block, b.block)) })
	for _, c := range cells {
		f.rows = max(f.rows, c.row+1)
	}
	f.held, f.trials = make([]float64, len(f.cells)), make([]int, f.rows)
	for _, c := range f.cells {
		f.trials[c.row]++
	}
	f.start()
	for round := range rounds {
		before, scale := slices.Clone(f.level), slices.Clone(f.variance)
		if round < 3 { // then it no longer matters, and it takes the most time
			f.drift = f.likeliest()
		}
		f.solve()
		f.hold(f.rescale(1 / clipped))
		if f.settled(before, scale) {
			break
		}
	}
	f.spread()
	return f
}

// pairs leaves out the cells of two rows that are in no common block, if there are others:
// two rows know too little of how blocks differ to be compared beyond them.
func pairs(cells []cell) (some []cell, paired bool) {
	of, rows := map[int]int{}, 0
	for _, c := range cells {
		of[c.block]++
		rows = max(rows, c.row+1)
	}
	some = slices.DeleteFunc(slices.Clone(cells), func(c cell) bool { return rows == 2 && of[c.block] == 1 })
	if len(some) < 2*LeastTrials {
		return slices.Clone(cells), false
	}
	return some, rows == 2
}

// start is medians, which no tail moves.
func (f *fit) start() {
	of := func(n int, place func(cell) int, value func(cell) float64) []float64 {
		lists, medians := make([][]float64, n), make([]float64, n)
		for _, c := range f.cells {
			lists[place(c)] = append(lists[place(c)], value(c))
		}
		for i, list := range lists {
			if len(list) > 0 {
				slices.Sort(list)
				medians[i] = results.Median(list)
			}
		}
		return medians
	}
	numbers := map[int]int{}
	for _, c := range f.cells {
		if _, seen := numbers[c.block]; !seen {
			numbers[c.block] = len(numbers)
		}
	}
	f.level = of(f.rows, func(c cell) int { return c.row }, func(c cell) float64 { return c.y })
	block := func(c cell) int { return numbers[c.block] }
	blocks := of(len(numbers), block, func(c cell) float64 { return c.y - f.level[c.row] })
	drifted, far := make([]float64, len(f.cells)), make([]float64, len(f.cells))
	for i, c := range f.cells {
		drifted[i] = blocks[block(c)]
		far[i] = math.Abs(c.y - f.level[c.row] - drifted[i])
	}
	slices.Sort(far)
	deviation := max(leastDeviation, 2*results.Median(far)) // 1.4826, and more for what the medians have taken
	f.variance = slices.Repeat([]float64{deviation * deviation}, f.rows)
	f.hold(drifted)
}

// hold keeps the cells no further than clip from their level and the drift.
func (f *fit) hold(drift []float64) {
	for i, c := range f.cells {
		most := clip * math.Sqrt(f.variance[c.row])
		f.held[i] = f.level[c.row] + drift[i] + max(-most, min(most, c.y-f.level[c.row]-drift[i]))
	}
}

// solve finds the levels by generalised least squares.
func (f *fit) solve() {
	s := f.system(f.drift)
	level := mat.NewVecDense(f.rows, nil)
	_ = s.factors.SolveVecTo(level, s.right) // an error is but a warning of a bad condition
	copy(f.level, level.RawVector().Data)
}

// settled reports whether the levels have moved by less than a thousandth of their deviation,
// and the variances by a fiftieth. Levels alone can stand still from the first round on: where
// the medians that it starts from fit few trials all but exactly, the scale is nearly 0, all trials are
// held on both sides of their level, and only the scale grows, by less than three times a round.
func (f *fit) settled(before, scale []float64) bool {
	for i, v := range f.level {
		if math.Abs(f.variance[i]-scale[i]) > scale[i]/50 || math.Abs(v-before[i]) > 1e-3*math.Sqrt(f.variance[i]/float64(f.trials[i])) {
			return false
		}
	}
	return true
}

// rescale makes the variances of the rows from the squares of what is left of the cells,
// times a factor, and returns the drift.
func (f *fit) rescale(factor float64) []float64 {
	left := make([]float64, len(f.cells))
	for i, c := range f.cells {
		left[i] = f.held[i] - f.level[c.row]
	}
	drift, taken := f.smooth(left)
	sums, freedom := make([]float64, f.rows), make([]float64, f.rows)
	for i, c := range f.cells {
		r := left[i] - drift[i]
		sums[c.row] += factor * r * r
		freedom[c.row] += (1 - 1/float64(f.trials[c.row])) * (1 - taken[i])
	}
	f.variance, f.freedom = shrink(sums, freedom)
	return drift
}

// spread is how well the levels are known. The variances are of the trials as they pull:
// held ones are short of what they were by the share of those held (Huber, "Robust
// regression", 1973).
func (f *fit) spread() {
	n, free := float64(len(f.cells)), 0.0
	for i, c := range f.cells {
		if math.Abs(f.held[i]-c.y) < 1e-12 {
			free++
		}
	}
	share := max(0.5, free/n)
	all := 0.0
	for _, d := range f.freedom {
		all = max(all, d)
	}
	f.rescale((1 + small/max(1, all) + perRow*float64(f.rows)/n) / (share * share))
	f.covariance = mat.NewSymDense(f.rows, nil)
	_ = f.system(f.drift).factors.InverseTo(f.covariance)
}

// effect is how many times as large row k is as row i.
func (f *fit) effect(i, k int) Effect {
	e := Effect{P: 1, Trials: min(f.trials[i], f.trials[k]), Ratio: Unbounded(math.Exp(f.level[k] - f.level[i]))}
	e.deviation = math.Sqrt(f.covariance.At(i, i) + f.covariance.At(k, k) - 2*f.covariance.At(i, k))
	a, b := f.variance[i]/float64(f.trials[i]), f.variance[k]/float64(f.trials[k])
	// F. E. Satterthwaite, "An approximate distribution of estimates of variance components", 1946.
	e.freedom = (a + b) * (a + b) / (a*a/f.freedom[i] + b*b/f.freedom[k])
	if e.Trials < LeastTrials {
		e.freedom = 0
	}
	if !(e.freedom >= leastFreedom) {
		return e
	}
	t := distuv.StudentsT{Sigma: 1, Nu: e.freedom}
	e.P = 2 * t.CDF(-math.Abs(f.level[k]-f.level[i])/e.deviation)
	e.Ratio = e.within(Tail)
	return e
}

// value is a row's level with its interval.
func (f *fit) value(i int) Interval {
	e := Effect{Ratio: Unbounded(math.Exp(f.level[i])), deviation: math.Sqrt(f.covariance.At(i, i))}
	if f.trials[i] >= LeastTrials {
		e.freedom = f.freedom[i]
	}
	return e.within(Tail)
}
