package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"connbench/loadgen/sweep"
	"connbench/results"
	"connbench/results/read"
	"connbench/results/resultstest"
)

// storeStage stores the trials of a stage of a choice, of rows that cost so many ns a request.
func storeStage(t *testing.T, dir string, asked choiceAsked, clients int, costs map[string]float64) {
	t.Helper()
	trials := resultstest.Race(8, costs, asked.Workload.Models...)
	b, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	store, err := results.Create(dir, results.Run{Models: asked.Workload.Models, Trials: len(trials), Choose: b, Environment: resultstest.Machine(), Plan: json.RawMessage(`{}`)})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for i := range trials {
		x := &trials[i]
		x.Clients, x.ClientsActive, x.ClientsServed = clients, clients, clients
		if err := store.Append(x, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// A choice is told again from its folder, with what would change it as far as that was measured.
func TestReportChoice(t *testing.T) {
	runs := t.TempDir()
	dir := filepath.Join(runs, "c")
	asked := choiceAsked{Workload: chosenPlan("goroutine", "reactor"), SLO: read.SLO{Percentile: "p99", Limit: 10e6}}
	asked.Workload.Rates = sweep.Rates(5000)
	storeStage(t, filepath.Join(dir, "choice"), asked, 64, map[string]float64{"goroutine": 8000, "reactor": 5000})
	storeStage(t, filepath.Join(dir, "clients-8"), asked, 8, map[string]float64{"goroutine": 4000, "reactor": 5000})
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"report", dir}, nil, &out, &errs); code != 0 {
		t.Fatalf("status %d: %s", code, &errs)
	}
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	said, err := os.ReadFile(filepath.Join(dir, "choice.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Choose reactor.", "clients 8 instead of 64", "yes, then it is goroutine"} {
		for where, text := range map[string]string{"standard output": out.String(), "report.html": string(page), "choice.txt": string(said)} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", where, want)
			}
		}
	}
	if strings.Contains(out.String(), "512 instead") {
		t.Errorf("it tells of what was not measured: %s", &out)
	}
	out.Reset()
	if code := run(t.Context(), []string{"report", runs, "--json"}, nil, &out, &errs); code != 0 || !strings.Contains(out.String(), `"kind":"choose","rows":"goroutine,reactor"`) || !strings.Contains(out.String(), `"answer":"Choose reactor.`) {
		t.Errorf("of the folder of runs: status %d: %s%s", code, &out, &errs)
	}
	for _, want := range []string{`"folder":"choice/"`, `href="choice/trials.jsonl"`, `class="open"`} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page has no %s", want)
		}
	}
}
