package calibrate

import (
	"strings"
	"testing"

	"connbench/results/resultstest"
)

func TestDocument(t *testing.T) {
	for name, r := range map[string]*Report{
		"trusted.txt": exact(),
		"noisy.txt":   syntheticReport(1, 0.07),
	} {
		var b strings.Builder
		d := r.Document()
		if err := d.Text(&b, 0); err != nil {
			t.Fatal(err)
		}
		resultstest.Golden(t, name, b.String())
	}
}
