package main

import (
	"errors"
	"strings"
	"testing"

	"connbench/loadgen"
)

func TestTunedExec(t *testing.T) {
	for _, tt := range []struct{ text, network, name, on, wrong string }{
		{"theirs=serve {addr} --backlog={value}", "tcp", "theirs", "tcp", ""},
		{"theirs=serve {port} {value}", "unix", "theirs", "unix", ""},
		{"theirs@udp=serve {addr} {value}", "tcp", "theirs", "udp", ""},
		{"theirs=serve {addr}", "tcp", "", "", "with {value}"},
		{"theirs=serve {value}", "tcp", "", "", "with {addr}"},
		{"theirs", "tcp", "", "", "NAME=COMMAND"},
		{"goroutine=serve {addr} {value}", "tcp", "", "", "not that of a model"},
	} {
		m, err := tunedExec(tt.text, tt.network)
		if tt.wrong != "" {
			var wrong *loadgen.SpecError
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("%s: %v, want %q", tt.text, err, tt.wrong)
			}
			continue
		}
		if err != nil || m.Name != tt.name || len(m.Networks) != 1 || m.Networks[0] != tt.on {
			t.Errorf("%s: %s on %v, %v", tt.text, m.Name, m.Networks, err)
		}
	}
}

func TestWithValue(t *testing.T) {
	for row, want := range map[string]string{
		"backlog=128":      "serve 128 {addr} 128",
		"read-buffer=4KiB": "serve 4096 {addr} 4096",
		"rcvbuf=0B":        "serve 0 {addr} 0",
		"nodelay=false":    "serve false {addr} false",
	} {
		if got := withValue("serve {value} {addr} {value}", row); got != want {
			t.Errorf("%s: %s, want %s", row, got, want)
		}
	}
}

// TestTuneExec: a knob each, whose settings are the command with the value, and no
// default that anybody knows.
func TestTuneExec(t *testing.T) {
	c := tuneCommand{What: "backlog", Exec: "theirs=serve {addr} {value}", Values: []string{"5", "128"}, networkFlag: networkFlag{"tcp"}}
	tuned, err := c.tune([]string{"values"}, asAsked)
	if err != nil {
		t.Fatal(err)
	}
	k := tuned.Knobs[0]
	if tuned.Model != "theirs" || k.Default != "" || len(k.Settings) != 2 || k.Settings[1].Go != "theirs=serve {addr} 128" {
		t.Errorf("%+v", tuned)
	}
	base := tuned.base()
	if len(base.Exec) != 1 || base.Exec[0] != "theirs=serve {addr} 5" {
		t.Errorf("%q", base.Exec)
	}
}
