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
// That time is linear: (1−σ)/λ + σ/λ·N + κ/λ·N(N−1), of which no term is below 0. So there is one
// smallest, and it is found without a search: where all three terms are free, if none comes out below
// 0, or else the best of those with fewer (C. L. Lawson, R. J. Hanson, "Solving Least Squares
// Problems", 1974). Where the first two come to 0 there is no law: points that fall like 1/N from the
// first on are fitted badly.
func fitTimes(clients, times, weights []float64) law {
	columns, target := [3][]float64{}, mat.NewVecDense(len(times), nil)
	for i, n := range clients {
		for j, v := range [3]float64{1, n, n * (n - 1)} {
			columns[j] = append(columns[j], weights[i]*v)
		}
		target.SetVec(i, weights[i]*times[i])
	}
	var scale, best [3]float64
	for j, column := range columns {
		scale[j] = floats.Norm(column, 2) // all of one length, or the squares of clients drown the rest
		floats.Scale(1/scale[j], column)
	}
	least := math.Inf(1)
	for _, free := range [][]int{{0, 1, 2}, {0, 1}, {0, 2}, {1, 2}, {0}, {1}} {
		x, squares, ok := solve(columns, free, target)
		if !ok || squares >= least {
			continue
		}
		if best, least = x, squares; len(free) == 3 {
			break
		}
	}
	floats.Div(best[:], scale[:])
	each := best[0] + best[1]
	return law{1 / each, best[1] / each, best[2] / each}
}

// solve is the least-squares solution with some columns, its squares, and whether there is one with
// nothing below 0.
func solve(columns [3][]float64, free []int, target *mat.VecDense) (x [3]float64, squares float64, ok bool) {
	m := mat.NewDense(target.Len(), len(free), nil)
	for j, of := range free {
		m.SetCol(j, columns[of])
	}
	var qr mat.QR
	qr.Factorize(m)
	var solution, off mat.VecDense
	if err := qr.SolveVecTo(&solution, false, target); err != nil {
		return x, 0, false
	}
	for j, of := range free {
		x[of] = solution.AtVec(j)
	}
	off.MulVec(m, &solution)
	off.SubVec(&off, target)
	return x, mat.Dot(&off, &off), floats.Min(x[:]) >= 0 && x[0]+x[1] > 0
}
