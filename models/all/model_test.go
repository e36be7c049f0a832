package all_test

import (
	"slices"
	"strings"
	"testing"

	"connbench/models"
	"connbench/models/all"
)

func TestModelsSayWhatTheyAre(t *testing.T) {
	for i, m := range all.Models() {
		if m.Name == "" || m.Summary == "" || m.Unit == "" || len(m.Networks) == 0 || m.Open == nil {
			t.Errorf("model %d leaves something unsaid: %+v", i, m)
		}
		if strings.Contains(m.Summary, "\n") {
			t.Errorf("%s has a summary of more than one line", m.Name)
		}
		if m.ServesAtOnce != nil && m.ServesAtOnce(models.DefaultConfig()) < 1 {
			t.Errorf("%s serves nobody", m.Name)
		}
	}
}

func TestNamesAreUnique(t *testing.T) {
	names := models.Names(all.Models())
	if sorted := slices.Compact(slices.Sorted(slices.Values(names))); len(sorted) != len(names) {
		t.Errorf("names are not unique: %q", names)
	}
}
