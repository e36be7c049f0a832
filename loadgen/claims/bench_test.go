package claims

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"connbench/results/read"

	"github.com/google/go-cmp/cmp"
)

// TestExperiments holds the list together: numbers in order, and something to say of
// each claim.
func TestExperiments(t *testing.T) {
	if diff := cmp.Diff([]string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}, Numbers()); diff != "" {
		t.Error(diff)
	}
	for _, e := range experiments {
		if e.title == "" || len(e.words) == 0 || !strings.HasSuffix(e.method, ".") || e.run == nil {
			t.Errorf("experiment %s is not whole: %q, %q, %q", e.number, e.title, e.words, e.method)
		}
	}
}

// with puts experiments in the place of the real ones.
func with(t *testing.T, some ...experiment) {
	t.Helper()
	before := experiments
	experiments = some
	t.Cleanup(func() { experiments = before })
}

func TestRun(t *testing.T) {
	broken := errors.New("no such thing here.")
	with(t,
		experiment{number: "1", title: "first", words: []string{"a", "b"}, method: "how", run: func(*Bench, context.Context) ([]finding, error) {
			return []finding{{read.Confirmed, "so it is", []read.ClaimFigure{read.Figure("n", 3, "things")}}}, broken
		}},
		experiment{number: "2", title: "second", words: []string{"c"}, run: func(*Bench, context.Context) ([]finding, error) {
			return []finding{{read.Refuted, "not so", nil}}, nil
		}},
		experiment{number: "3", words: []string{"d"}, run: func(*Bench, context.Context) ([]finding, error) {
			t.Error("it was not asked for")
			return nil, nil
		}},
	)
	var told []string
	b := &Bench{Begin: func(done, of, place int, title string) { told = append(told, fmt.Sprint(done, of, place, title)) }}
	var calls [][]read.Claim
	err := b.Run(t.Context(), []string{"2", "1"}, func(all []read.Claim) error {
		calls = append(calls, slices.Clone(all))
		return nil
	})
	if diff := cmp.Diff([]string{"0 2 0first", "1 2 1second"}, told); diff != "" {
		t.Error(diff)
	}
	if err != nil || len(calls) != 2 {
		t.Fatalf("%v; %d calls", err, len(calls))
	}
	want := []read.Claim{
		{ID: "1a", Words: "a", Method: "how", Outcome: read.Confirmed, Sentence: "so it is", Figures: []read.ClaimFigure{{Name: "n", Value: 3, Unit: "things"}}},
		{ID: "1b", Words: "b", Method: "how", Outcome: read.Undecidable, Sentence: "It could not be measured: no such thing here.", Figures: []read.ClaimFigure{}},
		{ID: "2", Words: "c", Outcome: read.Refuted, Sentence: "not so", Figures: []read.ClaimFigure{}},
	}
	if diff := cmp.Diff(want, calls[1]); diff != "" {
		t.Error(diff)
	}
}

// TestRunGoesOn: what is decided is taken over, in its place, and not made again.
func TestRunGoesOn(t *testing.T) {
	made := func(number string, run func(*Bench, context.Context) ([]finding, error)) experiment {
		return experiment{number: number, title: number, words: []string{"a", "b"}, run: run}
	}
	with(t,
		made("1", func(*Bench, context.Context) ([]finding, error) {
			t.Error("a decided experiment is made again")
			return nil, nil
		}),
		made("10", func(*Bench, context.Context) ([]finding, error) {
			return []finding{{read.Confirmed, "new", nil}, {read.Refuted, "new", nil}}, nil
		}),
	)
	begun := -1
	b := &Bench{
		Decided: []read.Claim{{ID: "1a", Sentence: "old"}, {ID: "1b", Sentence: "old"}},
		Begin:   func(_, _, place int, _ string) { begun = place },
	}
	var said []string
	err := b.Run(t.Context(), nil, func(all []read.Claim) error {
		said = nil
		for _, c := range all {
			said = append(said, c.ID+" "+c.Sentence)
		}
		return nil
	})
	if diff := cmp.Diff([]string{"1a old", "1b old", "10a new", "10b new"}, said); err != nil || diff != "" || begun != 1 {
		t.Errorf("%v, begun in place %d: %s", err, begun, diff)
	}
}

func TestRunEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	with(t, experiment{number: "1", words: []string{"a"}, run: func(*Bench, context.Context) ([]finding, error) {
		cancel()
		return nil, ctx.Err()
	}})
	err := new(Bench).Run(ctx, nil, func([]read.Claim) error {
		t.Error("an interrupted experiment has decided something")
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestRunCannotSave(t *testing.T) {
	full := errors.New("disk full")
	with(t, experiment{number: "1", words: []string{"a"}, run: func(*Bench, context.Context) ([]finding, error) { return nil, nil }})
	if err := new(Bench).Run(t.Context(), nil, func([]read.Claim) error { return full }); !errors.Is(err, full) {
		t.Error(err)
	}
}
