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

// A foreign server has no knob of ours but how often its command runs, and that on a port alone.
func TestKnobsOfForeign(t *testing.T) {
	for _, row := range []struct {
		knobs   map[string]string
		network string
		says    string // "" for nothing
	}{
		{nil, "tcp", ""},
		{map[string]string{"workers": "3", "backlog": "1"}, "tcp", "x: backlog: 1 is not allowed"},
		{map[string]string{"processes": "3"}, "tcp", ""},
		{map[string]string{"processes": "3"}, "udp", ""},
		{map[string]string{"processes": "1"}, "unix", ""},
		{map[string]string{"processes": "3"}, "unix", "x: processes: 3 is not allowed (one on the unix network"},
		{map[string]string{"processes": "1025"}, "tcp", "x: processes: 1025 is not allowed (0 for one, or 1 to 1024)"},
		{map[string]string{"processes": "3", "tls": "true"}, "tcp", "x: tls: true is not allowed"},
	} {
		p := DefaultPlan(nil)
		p.Knobs = row.knobs
		err := p.CheckForeign("x", row.network)
		var foreign *ForeignError
		if row.says == "" && err != nil || row.says != "" && (!errors.As(err, &foreign) || !strings.HasPrefix(err.Error(), row.says)) {
			t.Errorf("%v on %s: %v, want %q", row.knobs, row.network, err, row.says)
		}
	}
}
