package sweep

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadPlanKnobs(t *testing.T) {
	p := DefaultPlan([]string{"a"})
	if err := p.ReadPlan(strings.NewReader("knobs: {backlog: 16, nodelay: false, read-buffer: 4KiB}"), "p.yaml"); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"backlog": "16", "nodelay": "false", "read-buffer": "4KiB"}
	if diff := cmp.Diff(want, p.Knobs); diff != "" {
		t.Error(diff)
	}
	for file, want := range map[string]string{
		"knobs: [backlog]":      "p.yaml:1: a list is not a map like {backlog: 16}",
		"knobs: 16":             `p.yaml:1: "16" is not a map like {backlog: 16}`,
		"knobs: {backlog: [1]}": "p.yaml:1: a list is not a text",
	} {
		p := DefaultPlan([]string{"a"})
		if err := p.ReadPlan(strings.NewReader(file), "p.yaml"); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", file, err, want)
		}
	}
}

// The clients speak TLS where the servers do.
func TestSpecTLS(t *testing.T) {
	p := DefaultPlan([]string{"a"})
	for value, want := range map[string]bool{"true": true, "false": false} {
		p.Knobs = map[string]string{"tls": value}
		if got := p.Spec(Trial{}, "tcp", "127.0.0.1:1").TLS; got != want {
			t.Errorf("tls %s: %v", value, got)
		}
	}
	p.Knobs = nil
	if p.Spec(Trial{}, "tcp", "127.0.0.1:1").TLS {
		t.Error("TLS that nobody asked for")
	}
}

func TestForeignHasNoKnobs(t *testing.T) {
	p := DefaultPlan(nil)
	if err := p.CheckForeign("x"); err != nil {
		t.Error(err)
	}
	p.Knobs = map[string]string{"workers": "3", "backlog": "1"}
	var foreign *ForeignError
	if err := p.CheckForeign("x"); !errors.As(err, &foreign) || !strings.HasPrefix(err.Error(), "x: backlog: 1 is not allowed") {
		t.Error(err)
	}
}
