package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"


	"github.com/rogpeppe/go-internal/testscript"

	"connbench/results"
)

// fields [-any] FILE PATH... requires that every line of a file (or of stdout) is
// a JSON object with all those fields, like response_latency_ns.p50; with -any,
// that every line is an object and one has them all.
func hasFields(ts *testscript.TestScript, neg bool, args []string) {
	one := len(args) > 0 && args[0] == "-any"
	if one {
		args = args[1:]
	}
	if neg || len(args) < 2 {
		ts.Fatalf("usage: fields [-any] file path...")
	}
	found := false
	for n, line := range linesOf(ts, args[0]) {
		var object any
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			ts.Fatalf("%s:%d: %v", args[0], n+1, err)
		}
		complete := true
		for _, path := range args[1:] {
			if has(object, path) {
				continue
			}
			complete = false
			if !one {
				ts.Fatalf("%s:%d: no %s in %s", args[0], n+1, path, line)
			}
		}
		found = found || complete
	}
	if !found {
		ts.Fatalf("%s: no line has all of %q", args[0], args[1:])
	}
}

func has(object any, path string) bool {
	for name := range strings.SplitSeq(path, ".") {
		fields, ok := object.(map[string]any)
		if !ok {
			return false
		}
		if object, ok = fields[name]; !ok {
			return false
		}
	}
	return true
}

// sequence FILE OUT writes what the trials of a trials.jsonl measure, in order.
func sequence(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sequence trials.jsonl out")
	}
	var b strings.Builder
	for _, line := range linesOf(ts, args[0]) {
		var t results.Trial
		ts.Check(json.Unmarshal([]byte(line), &t))
		fmt.Fprintf(&b, "%d %d %s %d %d\n", t.Trial, t.Block, t.Model, t.Clients, t.PayloadBytes)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o600))
}

func linesOf(ts *testscript.TestScript, file string) []string {
	return strings.Split(strings.TrimSuffix(ts.ReadFile(file), "\n"), "\n")
}
