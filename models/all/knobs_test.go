package models_test

import (
	"testing"

	"connbench/models"
)

func TestKnobsSayWhatIsAllowed(t *testing.T) {
	for _, k := range models.Knobs() {
		if k.Allowed() == "" {
			t.Errorf("%s does not say what it may be", k)
		}
	}
	if got := models.Knob("nosuch").Allowed(); got != "" {
		t.Errorf("a knob that there is not allows %q", got)
	}
}

func TestModelsHonourKnobsThatThereAre(t *testing.T) {
	known := map[models.Knob]bool{}
	for _, k := range models.Knobs() {
		known[k] = true
	}
	for _, m := range models.All() {
		for _, k := range m.Knobs {
			if !known[k] || !m.Honours(k) {
				t.Errorf("%s honours %s, which is no knob", m.Name, k)
			}
		}
		if m.Honours("nosuch") {
			t.Errorf("%s honours a knob that there is not", m.Name)
		}
	}
}
