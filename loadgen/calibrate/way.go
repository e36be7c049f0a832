package calibrate

import (
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"

	"connbench/results"
)

// waySteps is in how many equally likely steps a distribution of ways is taken.
const waySteps = 100

// shift is by how much the 99th percentile of sojourns grows, in nanoseconds, when
// each request also has a way to go, drawn independently.
func shift(sojourns, ways *hdrhistogram.Histogram) float64 {
	if sojourns == nil || ways == nil {
		return 0
	}
	bars := slices.DeleteFunc(sojourns.Distribution(), func(b hdrhistogram.Bar) bool { return b.Count == 0 })
	sums := results.NewHistogram()
	for step := range waySteps {
		way := ways.ValueAtQuantile((float64(step) + 0.5) * 100 / waySteps)
		for _, bar := range bars {
			sums.RecordValues(bar.To+way, bar.Count)
		}
	}
	return float64(results.Percentile(sums, 0, 99) - results.Percentile(sojourns, 0, 99))
}

// meanShift is that of several samples of sojourns by the same ways.
func meanShift(all []Repetition, ways *hdrhistogram.Histogram) float64 {
	sum := 0.0
	for i := range all {
		sum += shift(all[i].Path.sojourns, ways) / float64(len(all))
	}
	return sum
}
