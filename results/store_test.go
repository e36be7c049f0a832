package results

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/google/go-cmp/cmp"
)

func storedRun() Run {
	return Run{
		Command:     []string{"connbench", "run"},
		Seed:        7,
		Plan:        json.RawMessage(`{"trials":2}`),
		Models:      []string{"b", "a"},
		Trials:      2,
		CreatedAt:   time.Unix(1, 0).UTC(),
		Environment: Environment{Kernel: "6", Sysctls: map[string]string{"net.core.somaxconn": "4096"}},
	}
}

func storedTrials() []Trial {
	cpu, fairness := 1500.0, 1.0
	full := Trial{
		Trial: 0, Block: 1, Model: "a", Network: "tcp", Framing: "length", Work: "echo", Loop: ClosedLoop,
		Clients: 2, PayloadBytes: 64, Seed: 7, StartedAt: time.Unix(2, 0).UTC(), DurationNS: 1e9,
		Requests: 3, ThroughputRPS: 3, ResponseLatency: &Latency{P50: 10, P99: Infinite, Mean: 11},
		Errors: map[string]int64{"reset": 1}, Datagrams: &Datagrams{Lost: 1}, ClientsServed: 2, FairnessJain: &fairness,
		ClientCPUPerRequest: &cpu, ServerUsage: &ServerUsage{ServerCPUPerRequest: 2, ServerRSSBytes: 3},
		Verdicts: []string{"ERRORS"},
	}
	failed := Trial{Trial: 1, Model: "b", Errors: map[string]int64{}, Verdicts: []string{}, Failure: "the server died"}
	return []Trial{full, failed}
}

// store writes storedTrials and returns the folder.
func store(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	s, err := Create(dir, storedRun())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	h := NewHistogram()
	h.RecordValues(10, 3)
	for i, trial := range storedTrials() {
		var distributions map[string]*hdrhistogram.Histogram
		if i == 0 {
			distributions = map[string]*hdrhistogram.Histogram{"service": h, "response": h.Clone()}
		}
		if err := s.Append(&trial, distributions); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestStoreRoundTrip(t *testing.T) {
	dir := store(t)
	run, trials, warnings, err := Open(dir)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("%v, warnings %v", err, warnings)
	}
	wantRun := storedRun()
	wantRun.Version = formatVersion
	run.Plan = compact(t, run.Plan)
	if diff := cmp.Diff(wantRun, run); diff != "" {
		t.Errorf("run (-want +got)\n%s", diff)
	}
	want := storedTrials()
	want[0].Histograms = "histograms/00000.hlog"
	if diff := cmp.Diff(want, trials); diff != "" {
		t.Errorf("trials (-want +got)\n%s", diff)
	}
	f, err := os.Open(filepath.Join(dir, trials[0].Histograms))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	logged, err := ReadLog(f)
	if err != nil || len(logged) != 2 || logged["service"].TotalCount() != 3 || logged["response"].Max() != 10 {
		t.Errorf("log of %d distributions, %v", len(logged), err)
	}
}

func compact(t *testing.T, raw json.RawMessage) json.RawMessage {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	b, _ := json.Marshal(v)
	return b
}

func TestCreateRefusesAFolderWithARun(t *testing.T) {
	dir := store(t)
	if _, err := Create(dir, storedRun()); err == nil || !strings.Contains(err.Error(), "holds a run already") {
		t.Errorf("got %v", err)
	}
	if _, trials, _, _ := Open(dir); len(trials) != 2 {
		t.Errorf("%d trials left of 2", len(trials))
	}
}

func TestOpenRefuses(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(dir string)
		want  string
	}{
		{"an empty folder", func(dir string) { os.Remove(filepath.Join(dir, runFile)) }, "not a run's folder"},
		{"a later format", func(dir string) {
			os.WriteFile(filepath.Join(dir, runFile), []byte(`{"version": 99}`), 0o644)
		}, "version 99"},
		{"a spoilt run.json", func(dir string) { os.WriteFile(filepath.Join(dir, runFile), []byte("{"), 0o644) }, "run.json"},
		{"a spoilt line", func(dir string) {
			b, _ := os.ReadFile(filepath.Join(dir, trialsFile))
			os.WriteFile(filepath.Join(dir, trialsFile), append([]byte("{]\n"), b...), 0o644)
		}, "trials.jsonl:1:"},
		{"no trials.jsonl", func(dir string) { os.Remove(filepath.Join(dir, trialsFile)) }, "trials.jsonl"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := store(t)
			tt.spoil(dir)
			if _, _, _, err := Open(dir); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
	if _, _, _, err := Open(t.TempDir()); !errors.Is(err, ErrNoRun) {
		t.Errorf("got %v, want %v", err, ErrNoRun)
	}
}

// Wherever a crash cuts the last line, the trials before it are intact.
func TestOpenAfterACrashAtEveryByte(t *testing.T) {
	dir := store(t)
	path := filepath.Join(dir, trialsFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first := strings.IndexByte(string(whole), '\n') + 1
	for cut := first; cut < len(whole); cut++ {
		os.WriteFile(path, whole[:cut], 0o644)
		_, trials, warnings, err := Open(dir)
		if err != nil || len(trials) != 1 || (len(warnings) == 1) != (cut > first) {
			t.Fatalf("cut at %d: %d trials, warnings %v, %v", cut, len(trials), warnings, err)
		}
		s, _, _, err := Reopen(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Append(&storedTrials()[1], nil); err != nil {
			t.Fatal(err)
		}
		s.Close()
		if _, trials, warnings, err := Open(dir); err != nil || len(trials) != 2 || len(warnings) > 0 {
			t.Fatalf("cut at %d and resumed: %d trials, warnings %v, %v", cut, len(trials), warnings, err)
		}
	}
}

// fullDevice is a disk that is really full when it comes to trials.
type fullDevice struct{ system }

func (d fullDevice) open(path string, flag int) (file, error) {
	if filepath.Base(path) != trialsFile {
		return d.system.open(path, flag)
	}
	f, err := d.system.open(path, flag)
	if err != nil {
		return nil, err
	}
	f.Close()
	return d.system.open("/dev/full", flag)
}

// A disk that is really full.
func TestAppendToFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	s, err := create(fullDevice{}, dir, storedRun())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Append(&storedTrials()[1], nil)
	if !errors.Is(err, syscall.ENOSPC) || !strings.HasPrefix(err.Error(), "store trial 1: write /dev/full") {
		t.Errorf("got %v", err)
	}
}
