package stats

import (
	"cmp"
	"slices"
)

// Significance is the level of every decision that two rows differ: so often would
// rows that do not differ be told apart by chance.
const Significance = 1 - Confidence

// holm adjusts the probabilities of many comparisons so that those up to
// [Significance] hold all together: one or more of them is wrong in at most that
// share of cases, however they depend on each other (S. Holm, "A simple sequentially
// rejective multiple test procedure", 1979).
func holm(p []float64) []float64 {
	adjusted := make([]float64, len(p))
	least := 0.0
	for i, at := range ascending(p) {
		least = max(least, min(1, p[at]*float64(len(p)-i)))
		adjusted[at] = least
	}
	return adjusted
}

// FalseDiscovery adjusts them so that of those up to [Significance] at most that share
// is wrong in the mean (Y. Benjamini, Y. Hochberg, "Controlling the false discovery
// rate", 1995): for rankings, whose hundreds of pairs would need hundreds of trials to
// hold all together. Where no two rows differ it is as strict as [holm].
func FalseDiscovery(p []float64) []float64 {
	adjusted := make([]float64, len(p))
	order := ascending(p)
	most := 1.0
	for i := len(order) - 1; i >= 0; i-- {
		at := order[i]
		most = min(most, p[at]*float64(len(p))/float64(i+1))
		adjusted[at] = most
	}
	return adjusted
}

// ascending is the places of values in the order of their size.
func ascending(values []float64) []int {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(values[i], values[j]) })
	return order
}
