package figures

import (
	"math"
	"testing"

	"gonum.org/v1/plot/vg"
)

func TestSpread(t *testing.T) {
	for _, test := range []struct {
		name         string
		wanted, want []vg.Length
	}{
		{"none", nil, nil},
		{"apart", []vg.Length{10, 30, 60}, []vg.Length{10, 30, 60}},
		{"together", []vg.Length{50, 50}, []vg.Length{45, 55}},
		{"a chain", []vg.Length{40, 44, 48}, []vg.Length{34, 44, 54}},
		{"merged by merging", []vg.Length{20, 36, 37, 38}, []vg.Length{17.75, 27.75, 37.75, 47.75}},
		{"at the bottom", []vg.Length{0, 1}, []vg.Length{0, 10}},
		{"at the top", []vg.Length{99, 100}, []vg.Length{90, 100}},
	} {
		got := spread(test.wanted, 10, 0, 100)
		if len(got) != len(test.want) {
			t.Fatalf("%s: %v, want %v", test.name, got, test.want)
		}
		for i := range got {
			if math.Abs(float64(got[i]-test.want[i])) > 1e-9 {
				t.Errorf("%s: %v, want %v", test.name, got, test.want)
			}
		}
	}
}
