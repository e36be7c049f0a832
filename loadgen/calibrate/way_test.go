package calibrate

import (
	"math/rand/v2"
	"testing"

	"connbench/results"
)

// TestShift: of an exponential of rate 1/s moved by a way of two values a and b,
// as often the one as the other, the far quantiles move by s ln((e^(a/s)+e^(b/s))/2).
func TestShift(t *testing.T) {
	sojourns, same, two := results.NewHistogram(), results.NewHistogram(), results.NewHistogram()
	random := rand.New(rand.NewPCG(1, 1))
	for range 200_000 {
		sojourns.RecordValue(int64(random.ExpFloat64() * 100e3))
	}
	same.RecordValue(30e3)
	two.RecordValues(20e3, 1000)
	two.RecordValues(150e3, 1000)
	if got := shift(sojourns, same); !closeTo(got, 30e3, 0.02) {
		t.Errorf("by a way that does not vary: %v", got)
	}
	if got := shift(sojourns, two); !closeTo(got, 104.8e3, 0.03) {
		t.Errorf("by a way that does: %v", got)
	}
	if shift(nil, same) != 0 || shift(sojourns, nil) != 0 {
		t.Error("a shift of nothing")
	}
}
