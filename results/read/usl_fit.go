package read

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// law is the Universal Scalability Law with its parameters; see [Scaling].
type law struct{ lambda, sigma, kappa float64 }

func (l law) at(n float64) float64 {
	return l.lambda * n / (1 + l.sigma*(n-1) + l.kappa*n*(n-1))
}

// peak is at how many clients throughput is highest, +Inf where it never falls.
func (l law) peak() float64 {
	if l.kappa == 0 {
		return math.Inf(1)
	}
	return max(1, math.Sqrt((1-l.sigma)/l.kappa))
}

// fitLaw is the law with the smallest squares of its relative errors in the rates at so
// many clients: of x/X(N) − 1, all of which weigh the same however different the rates
// are. Clients and rates are positive, and there are three client counts at least.
func fitLaw(clients, rates []float64) law {
	times, weights := make([]float64, len(rates)), make([]float64, len(rates))
	for i, x := range rates {
		times[i] = clients[i] / x
		weights[i] = x / clients[i]
	}
	return fitTimes(clients, times, weights)
}

// fitTimes is the law with the smallest squares of its weighted errors in the time N/X(N)
// that a request takes, with σ from 0 to 1 and κ not below 0.
//
// That time is linear: a + b(N−1) + cN(N−1), with a = 1/λ, b = σ/λ and c = κ/λ. So there
// is one smallest, and it is found without a search: where all three are free, if that
// keeps the bounds 0 ≤ b ≤ a and 0 ≤ c, or else on the best face of them. Where a comes
// to 0 there is no law: points that fall like 1/N from the first on are fitted badly.
func fitTimes(clients, times, weights []float64) law {
	rows, targets := make([]terms, len(times)), make([]float64, len(times))
	for i, n := range clients {
		rows[i] = terms{weights[i], weights[i] * (n - 1), weights[i] * n * (n - 1)}
		targets[i] = weights[i] * times[i]
	}
	if t, _, ok := inside.solve(rows, targets); ok {
		return t.law()
	}
	var best terms
	least := math.Inf(1)
	for _, f := range faces {
		if t, squares, ok := f.solve(rows, targets); ok && squares < least {
			best, least = t, squares
		}
	}
	return best.law()
}

// terms are a, b and c, or what they are multiplied with.
type terms [3]float64

func (t terms) law() law { return law{1 / t[0], t[1] / t[0], t[2] / t[0]} }

func (t terms) inBounds() bool { return t[0] > 0 && 0 <= t[1] && t[1] <= t[0] && t[2] >= 0 }

// face is where the terms are sums of multiples of these.
type face []terms

var (
	inside = face{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
	faces  = []face{
		{{1, 0, 0}, {0, 1, 0}}, // c = 0: contention alone
		{{1, 0, 0}, {0, 0, 1}}, // b = 0
		{{1, 1, 0}, {0, 0, 1}}, // b = a
		{{1, 0, 0}},            // b = c = 0: linear
		{{1, 1, 0}},            // b = a, c = 0: flat
	}
)

// solve is the least-squares solution on the face, its squares, and whether there is one
// within the bounds.
func (f face) solve(rows []terms, targets []float64) (t terms, squares float64, ok bool) {
	m := mat.NewDense(len(rows), len(f), nil)
	scale := make([]float64, len(f))
	for j, direction := range f {
		column := make([]float64, len(rows))
		for i, row := range rows {
			column[i] = floats.Dot(row[:], direction[:])
		}
		scale[j] = floats.Norm(column, 2) // all of one length, or the squares of clients drown the rest
		floats.Scale(1/scale[j], column)
		m.SetCol(j, column)
	}
	var qr mat.QR
	qr.Factorize(m)
	target := mat.NewVecDense(len(targets), targets)
	var solution, off mat.VecDense
	if err := qr.SolveVecTo(&solution, false, target); err != nil {
		return terms{}, 0, false
	}
	for j, direction := range f {
		floats.AddScaled(t[:], solution.AtVec(j)/scale[j], direction[:])
	}
	off.MulVec(m, &solution)
	off.SubVec(&off, target)
	return t, mat.Dot(&off, &off), t.inBounds()
}
