package stats

import (
	"math"
	"testing"
)

func TestCorrections(t *testing.T) {
	p := []float64{0.01, 0.04, 0.03, 0.5}
	for name, tt := range map[string]struct {
		got, want []float64
	}{
		"Holm":                   {holm(p), []float64{0.04, 0.09, 0.09, 0.5}},
		"Benjamini-Hochberg":     {FalseDiscovery(p), []float64{0.04, 0.16 / 3, 0.16 / 3, 0.5}},
		"nothing to correct":     {holm([]float64{0.02}), []float64{0.02}},
		"nothing":                {FalseDiscovery(nil), []float64{}},
		"never beyond certainty": {holm([]float64{0.9, 0.8}), []float64{1, 1}},
	} {
		if len(tt.got) != len(tt.want) {
			t.Errorf("%s: %v", name, tt.got)
			continue
		}
		for i := range tt.got {
			if math.Abs(tt.got[i]-tt.want[i]) > 1e-12 {
				t.Errorf("%s: %v, want %v", name, tt.got, tt.want)
			}
		}
	}
}
