package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"connbench/cmd/connbench/compare"
	"connbench/loadgen/sweep"
	"connbench/plots/figures"
	"connbench/results"
	"connbench/results/read"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// FuzzFolder: whatever bytes the files of a run's folder hold, report, compare and the
// beginning of --resume end with a status, say nothing that a terminal obeys, and
// leave the folder's own files as they are.
func FuzzFolder(f *testing.F) {
	runs, trials, log := seedFolder(f)
	claims := []byte(`[{"id":"1a","words":"w","method":"m","outcome":"refuted","sentence":"s","figures":[{"name":"n","value":1,"unit":"ns","trials":[0]}]}]`)
	for _, run := range runs {
		f.Add(run, trials, log, claims)
	}
	f.Add(runs[0], append(trials, trials...), log[:len(log)/2], []byte("[{}]"))
	changing := `{"trial":9,"model":"a","network":"tcp","framing":"length","loop":"open","arrivals":"poisson","rate_rps":2,"rate_profile":"1,spike=9@1s+1s","payload_mix":"1B*1+2B*1",` +
		`"sizes":[{"payload_bytes":1},{"payload_bytes":2,"requests":3,"response_latency_ns":{"p50":1,"p99":null}}],"series":{"part_ns":1000000000,"parts":[` +
		`{"asked_rps":1,"response_latency_ns":{"p50":2,"p99":3}},{"asked_rps":9,"response_latency_ns":{"p50":null,"p99":null}},{}],"spikes":[{"rate_rps":9,"at_ns":1000000000,"for_ns":1000000000}]}}`
	f.Add(runs[0], append(trials, changing...), log, claims)
	f.Add(bytes.ReplaceAll(runs[0], []byte(`"64B"`), []byte(`"1B*1+2B*1"`)), []byte(strings.Replace(changing, "1000000000,", "10000000000000,", 1)+"\n"), log, claims)
	figures.DPI = 0
	f.Fuzz(func(t *testing.T, run, trials, log, claims []byte) {
		dir := filepath.Join(t.TempDir(), "run")
		files := map[string][]byte{"run.json": run, "trials.jsonl": trials, "histograms/00000.hlog": log, "claims.json": claims}
		os.MkdirAll(filepath.Join(dir, "histograms"), 0o755)
		for name, b := range files {
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for _, command := range []subcommand{
			&reportCommand{Dir: dir, Resources: true}, &reportCommand{Dir: dir, formFlags: formFlags{JSON: true}},
			compareOf(dir+":a", dir+":b"), compareOf(dir, dir+"/."),
		} {
			tellsAndEnds(t, command)
		}
		for name, b := range files {
			if after, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(after, b) {
				t.Errorf("%s changed: %v", name, err)
			}
		}
		resumesOrRefuses(dir)
	})
}

// subcommand is one as the command line has read it: to read that again each time would be most of
// the work.
type subcommand interface{ Run(streams) error }

// tellsAndEnds runs a command, whose output must be text.
func tellsAndEnds(t *testing.T, c subcommand) {
	t.Helper()
	var out, errOut bytes.Buffer
	code := say(&errOut, c.Run(streams{strings.NewReader(""), &out, &errOut}))
	obeyed := func(r rune) bool { return unicode.IsControl(r) && r != '\n' }
	for _, said := range []string{out.String(), errOut.String()} {
		if i := strings.IndexFunc(said, obeyed); i >= 0 {
			t.Errorf("%+v prints %q", c, said[max(0, i-20):min(len(said), i+20)])
		}
	}
	if code != exitDone && errOut.Len() == 0 {
		t.Errorf("%+v has status %d and does not say why", c, code)
	}
}

// resumesOrRefuses does what --resume does before the first process is started.
func resumesOrRefuses(dir string) {
	s := streams{strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}}
	network := func(string) string { return "tcp" }
	var plan sweep.Plan
	var table sweep.Table
	var t tune
	for command, check := range map[string]struct {
		plan     any
		validate func() error
	}{
		"run":   {&plan, func() error { return plan.Validate(network) }},
		"table": {&table, func() error { return table.Validate(network) }},
		"tune": {&t, func() error {
			if err := t.check(); err != nil {
				return err
			}
			t.base()
			return t.validate(network)
		}},
	} {
		store, _, err := resume(s, dir, command, check.plan)
		if err != nil {
			continue
		}
		if check.validate() == nil {
			store.GoOnIn(results.Environment{}, true)
		}
		store.Close()
	}
}

// seedFolder is what the files of runs of each kind hold.
func seedFolder(f *testing.F) (runs [][]byte, trials, log []byte) {
	h := results.NewHistogram()
	h.RecordValues(1000, 20)
	dir := filepath.Join(f.TempDir(), "run")
	plan := sweep.DefaultPlan([]string{"a", "b"})
	table := sweep.DefaultTable([]string{"a", "b"})
	tuned := read.Tuned{Model: "a", Knob: "backlog", Metric: results.ConnectP99.Name, Default: "backlog=1",
		Settings: []read.Setting{{Row: "backlog=1", Value: "1"}, {Row: "backlog=2", Value: "2"}}}
	for kind, plan := range map[string]any{"": plan, results.TableRun: table, results.ClaimsRun: plan, results.TuneRun: tune{What: "backlog", Model: "a", Knobs: []tunedKnob{{tuned, []sweep.Plan{plan}}}}} {
		written, err := json.Marshal(plan)
		if err != nil {
			f.Fatal(err)
		}
		run, err := json.Marshal(results.Run{Version: 1, Kind: kind, Command: []string{"connbench"}, Plan: written, Models: []string{"a", "b"}, Trials: 12, CreatedAt: time.Unix(1, 0)})
		if err != nil {
			f.Fatal(err)
		}
		runs = append(runs, run)
	}
	store, err := results.Create(dir, results.Run{Plan: []byte("{}")})
	if err != nil {
		f.Fatal(err)
	}
	defer store.Close()
	for i, model := range []string{"a", "b", "backlog=1", "backlog=2"} {
		l := results.LatencyOf(h, 0)
		trial := results.Trial{Trial: i, Block: i / 2, Model: model, Network: "tcp", Framing: "length", Work: "echo", Loop: results.OpenLoop, Arrivals: "poisson",
			RateRPS: 200, Clients: 2, ClientsActive: 2, ClientsServed: 2, PayloadBytes: 64, Pipeline: 1, DurationNS: 1e8, Requests: 20, ThroughputRPS: 200,
			ResponseLatency: &l, ServiceLatency: &l, ConnectLatency: &l, Errors: map[string]int64{"reset": 0}, Verdicts: []string{},
			Probe: results.ProbeCapacity, ServerUsage: &results.ServerUsage{ServerCPUPerRequest: 10, ServerRSSBytes: 1 << 20, ServerThreads: 4}}
		if err := store.Append(&trial, map[string]*hdrhistogram.Histogram{"response": h}); err != nil {
			f.Fatal(err)
		}
	}
	trials, err = os.ReadFile(filepath.Join(dir, "trials.jsonl"))
	if err != nil {
		f.Fatal(err)
	}
	log, err = os.ReadFile(filepath.Join(dir, "histograms", "00000.hlog"))
	if err != nil {
		f.Fatal(err)
	}
	return runs, trials, log
}

func compareOf(a, b string) *compareCommand {
	return &compareCommand{Command: compare.Command{A: a, B: b, Force: true}}
}
