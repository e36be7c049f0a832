package look

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func names(n int) Order {
	var o Order
	for i := range n {
		o = append(o, fmt.Sprint("model-", i))
	}
	return o
}

func TestLooksAreDistinct(t *testing.T) {
	o := names(distinct - 1)
	seen := map[string]string{}
	for _, model := range append(slices.Clone(o), "my-own-server") {
		look := fmt.Sprint(o.Of(model))
		if other, taken := seen[look]; taken {
			t.Errorf("%s looks like %s", model, other)
		}
		seen[look] = model
	}
}

// A name that is not in the order keeps its look, and comes after those that are.
func TestOrderOfStrangers(t *testing.T) {
	o := names(3)
	if a, b := fmt.Sprint(o.Of("my-own-server")), fmt.Sprint(o.Of("my-own-server")); a != b {
		t.Error("an unlisted model changes its look")
	}
	Order(nil).Of("a") // has one too
	models := []string{"b", "model-2", "a", "model-0"}
	slices.SortStableFunc(models, o.Compare)
	if got := strings.Join(models, " "); got != "model-0 model-2 b a" {
		t.Errorf("in order: %s", got)
	}
}

// On dark ground each colour has another, which is lighter where the ground is darker.
func TestDarkStyle(t *testing.T) {
	style := DarkStyle(".figure")
	for _, rule := range []string{
		".figure svg{fill:#F2F2F2}", `.figure [style*="fill:#222222"]{fill:#E6E6E6!important}`,
		`.figure [style*="stroke:#D55E00"]{stroke:#E39659!important}`, `.figure [style*="stroke:#000000"]{stroke:#F2F2F2!important}`,
	} {
		if !strings.Contains(style, rule) {
			t.Errorf("the style has not %s:\n%s", rule, style)
		}
	}
}
