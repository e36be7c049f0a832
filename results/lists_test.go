package results_test

import (
	"slices"
	"testing"

	"connbench/results"
)

func TestEach(t *testing.T) {
	list := []int{3, 4, 5}
	var at []int
	for i, x := range results.Each(list) {
		if at = append(at, i); i == 1 {
			*x = 0
			break
		}
	}
	if !slices.Equal(at, []int{0, 1}) || !slices.Equal(list, []int{3, 0, 5}) {
		t.Errorf("the places %v were seen and the list is %v, want [0 1] and [3 0 5]", at, list)
	}
	for range results.Each([]int(nil)) {
		t.Error("nothing has an item")
	}
}

func TestSentences(t *testing.T) {
	var all results.Sentences
	all.When(true, "first")
	all.When(false, "not said")
	all.Some("")
	all.Some("last")
	if want := []string{"first", "last"}; !slices.Equal(all, want) {
		t.Errorf("%q is said, want %q", all, want)
	}
}
