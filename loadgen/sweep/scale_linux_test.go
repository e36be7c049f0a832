package sweep

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"connbench/loadgen"
)

// A row is measured with ever more connections, by the server that so many take, until the
// machine has no room; and what is stored is not measured again.
func TestScaleRunner(t *testing.T) {
	t.Parallel()
	s := newStage(t, "good", "exit")
	s.Plan.Clients, s.Plan.Rates, s.Plan.Trials = []int{4, 1, 2}, Rates(100), 1
	s.Plan.Warmup, s.Plan.Duration, s.Plan.Think = 0, Duration(50*time.Millisecond), 0
	rows := s.Rows
	var asked, stopped []string
	r := &ScaleRunner{
		Runner: *s.Runner,
		Row: func(_ context.Context, model string, n int) (Row, map[string]string, error) {
			asked = append(asked, fmt.Sprint(model, n))
			return rows[model], map[string]string{"processes": fmt.Sprint(n)}, nil
		},
		Room: func(n int, _ float64) string {
			if n == 4 {
				return "memory"
			}
			return ""
		},
		Stopped: func(model string, n int, why string) { stopped = append(stopped, fmt.Sprint(model, n, why)) },
	}
	if err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"good1", "exit1", "good2"}; !slices.Equal(asked, want) {
		t.Errorf("measured %v, want %v", asked, want)
	}
	if len(stopped) != 2 || stopped[1] != "good4memory" || stopped[0] != "exit2with 1 connection it failed: "+r.Stored[1].Failure {
		t.Errorf("%q", stopped)
	}
	for i, want := range []string{"processes=1", "processes=1", "processes=2"} {
		if got := r.Stored[i]; got.Knobs != want || got.RateRPS != 100 {
			t.Errorf("trial %d: %q at %v/s, want %q", got.Trial, got.Knobs, got.RateRPS, want)
		}
	}
	asked, stopped = nil, nil
	if err := r.Run(t.Context()); err != nil || asked != nil || len(r.Stored) != 3 || len(stopped) != 2 {
		t.Errorf("once more: measured %v, %d trials, %q, %v", asked, len(r.Stored), stopped, err)
	}
}

// A server from elsewhere that cannot be as many processes as it would take ends there, and others go on.
func TestScaleRunnerForeign(t *testing.T) {
	t.Parallel()
	s := newStage(t, "good", "exit")
	s.Plan.Clients, s.Plan.Rates, s.Plan.Trials = []int{1, 2}, Rates(100), 1
	s.Plan.Warmup, s.Plan.Duration, s.Plan.Think = 0, Duration(50*time.Millisecond), 0
	rows, trouble := s.Rows, errors.New("trouble")
	var stopped []string
	r := &ScaleRunner{
		Runner: *s.Runner,
		Row: func(_ context.Context, model string, n int) (Row, map[string]string, error) {
			if model == "exit" {
				return Row{}, nil, &ForeignError{model, &loadgen.SpecError{Field: "processes", Value: 2, Allowed: "one"}}
			}
			return rows[model], nil, nil
		},
		Room:    func(int, float64) string { return "" },
		Stopped: func(model string, n int, why string) { stopped = append(stopped, fmt.Sprint(model, n, why)) },
	}
	if err := r.Run(t.Context()); err != nil || len(r.Stored) != 2 {
		t.Fatalf("%d trials, %v", len(r.Stored), err)
	}
	if want := []string{"exit1processes: 2 is not allowed (one)"}; !slices.Equal(stopped, want) {
		t.Errorf("%q, want %q", stopped, want)
	}
	r.Stored = nil
	r.Row = func(context.Context, string, int) (Row, map[string]string, error) { return Row{}, nil, trouble }
	if err := r.Run(t.Context()); !errors.Is(err, trouble) {
		t.Errorf("%v, want %v", err, trouble)
	}
}
