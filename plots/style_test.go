package plots

import (
	"maps"
	"slices"
	"testing"
)

func TestLooksAreDistinct(t *testing.T) {
	type features struct{ color, dash, marker int }
	seen := map[features]string{}
	for i, model := range modelOrder {
		f := features{i % len(palette), i % len(dashes), i % len(markers)}
		if other, taken := seen[f]; taken {
			t.Errorf("%s looks like %s", model, other)
		}
		seen[f] = model
	}
	names := slices.Sorted(maps.Values(seen))
	if len(names) != len(slices.Compact(names)) {
		t.Error("a model is named twice")
	}
	if a, b := lookOf("my-own-server"), lookOf("my-own-server"); a.color != b.color || a.marker != b.marker {
		t.Error("an unlisted model changes its look")
	}
}
