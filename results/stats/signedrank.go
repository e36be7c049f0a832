package stats

import (
	"math"
	"slices"

	"github.com/aclements/go-moremath/stats"
)

// signedRank is the distribution of Wilcoxon's statistic for n pairs without a
// difference: the sum of the ranks of those that are positive.
type signedRank struct {
	n          int
	cumulative []float64 // P(W <= w), where n is small enough for it
}

func newSignedRank(n int) signedRank {
	d := signedRank{n: n}
	if n > maxExact {
		return d
	}
	// Each rank is in the sum or not, with the same probability.
	most := n * (n + 1) / 2
	p := make([]float64, most+1)
	p[0] = 1
	for rank := 1; rank <= n; rank++ {
		for w := most; w >= 0; w-- {
			p[w] /= 2
			if w >= rank {
				p[w] += p[w-rank] / 2
			}
		}
	}
	for w := range p[1:] {
		p[w+1] += p[w]
	}
	d.cumulative = p
	return d
}

func (d signedRank) moments() (mean, deviation float64) {
	n := float64(d.n)
	return n * (n + 1) / 4, math.Sqrt(n * (n + 1) * (2*n + 1) / 24)
}

// atMost is P(W <= w).
func (d signedRank) atMost(w float64) float64 {
	if d.cumulative == nil {
		mean, deviation := d.moments()
		return stats.NormalDist{Mu: mean, Sigma: deviation}.CDF(w + 0.5)
	}
	if w < 0 {
		return 0
	}
	return min(1, d.cumulative[min(int(w), len(d.cumulative)-1)])
}

// below is how many Walsh averages are left out at either end of an interval: the
// most for which W is smaller with a probability of at most tail, or -1.
func (d signedRank) below(tail float64) int {
	if d.cumulative == nil {
		return normalBelow(d.moments())
	}
	below := -1
	for d.cumulative[below+1] <= tail {
		below++
	}
	return below
}

// p is how likely differences at least as one-sided as these are by chance alone.
// Pairs without a difference are left out, and equal ones share their ranks.
func (d signedRank) p(differences []float64) float64 {
	left := slices.DeleteFunc(slices.Clone(differences), func(x float64) bool { return x == 0 })
	if len(left) == 0 {
		return 1
	}
	if len(left) != d.n {
		d = newSignedRank(len(left))
	}
	slices.SortFunc(left, func(x, y float64) int {
		switch x, y = math.Abs(x), math.Abs(y); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	positive, negative := 0.0, 0.0
	for i := 0; i < len(left); {
		j := i
		for j < len(left) && math.Abs(left[j]) == math.Abs(left[i]) {
			j++
		}
		rank := float64(i+1+j) / 2
		for ; i < j; i++ {
			if left[i] > 0 {
				positive += rank
			} else {
				negative += rank
			}
		}
	}
	return min(1, 2*d.atMost(math.Ceil(min(positive, negative))))
}
