package sweep

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"connbench/results/read"
)

// keptBelow answers for a server that keeps up with at most so many clients.
func keptBelow(truth int) func(int, bool) (answer, error) {
	return func(n int, _ bool) (answer, error) { return answer{kept: n <= truth}, nil }
}

func TestSearch(t *testing.T) {
	for _, limit := range []int{1, 2, 7, 100, 300, 20_000} {
		for _, truth := range []int{0, 1, 2, 3, 5, 63, 64, 65, 100, 255, 256, 257, 1000, 4095, 19_999, 20_000, 30_000} {
			for name, served := range map[string]int{"too slow": 0, "left out": truth, "left out, it seems": truth / 2} {
				probes := 0
				got, err := newSearch(limit, func(n int, _ bool) (answer, error) {
					if n < 1 || n > limit {
						t.Fatalf("%d clients of at most %d are asked for", n, limit)
					}
					probes++
					if n <= truth {
						return answer{kept: true}, nil
					}
					return answer{served: served}, nil
				}).run()
				most := min(limit, truth)
				if err != nil || got > most || got < most-read.CapacityStep(most) {
					t.Errorf("of %d up to %d, %s: found %d, %v", truth, limit, name, got, err)
				}
				if probes > 12 {
					t.Errorf("of %d up to %d, %s: %d probes", truth, limit, name, probes)
				}
			}
		}
	}
}

// TestSearchAsks says in which order numbers are asked for.
func TestSearchAsks(t *testing.T) {
	tests := []struct {
		name  string
		probe func(int, bool) (answer, error)
		want  []int
	}{
		{"as many as there may be", keptBelow(30_000), []int{256, 4096, 10_000, 20_000, 20_000}},
		{"none", keptBelow(0), []int{256, 16, 4, 2, 1}},
		{"those that it says it served", func(n int, _ bool) (answer, error) {
			return answer{kept: n <= 64, served: 64}, nil
		}, []int{256, 64, 70, 64}},
		{"what chance decides", func(n int, _ bool) (answer, error) {
			return answer{kept: n <= 3000, chance: n > 3000}, nil
		}, []int{256, 4096}},
		{"the middle of the ratio", keptBelow(9000), []int{256, 4096, 10_000, 6400, 8000, 8944, 9457, 8944}},
	}
	for _, tt := range tests {
		var asked []int
		var sure []int
		_, err := newSearch(20_000, func(n int, confirm bool) (answer, error) {
			asked = append(asked, n)
			if confirm {
				sure = append(sure, len(asked))
			}
			return tt.probe(n, confirm)
		}).run()
		if confirmed := len(tt.want) > 2 && tt.want[len(tt.want)-1] != 1; confirmed != slices.Equal(sure, []int{len(tt.want)}) {
			t.Errorf("%s: the probes %v were to make sure", tt.name, sure)
		}
		if err != nil || !slices.Equal(asked, tt.want) {
			t.Errorf("%s: %v, want %v, %v", tt.name, asked, tt.want, err)
		}
	}
}

// TestSearchTriesAgain: a number that was lost in noise is asked for once more when the
// noise may be over, and what was lost below it is forgotten.
func TestSearchTriesAgain(t *testing.T) {
	for name, tt := range map[string]struct{ noise, want int }{
		"a phase that passes":   {3, 20_000},
		"one that does not":     {1000, 256},
		"in the first of all":   {1, 20_000},
		"no noise at all":       {0, 20_000},
		"over when it confirms": {2, 20_000},
	} {
		asked, lost := 0, 0
		got, err := newSearch(20_000, func(n int, _ bool) (answer, error) {
			if asked++; asked > 200 {
				t.Fatal("it never ends")
			}
			if n > 256 && lost < tt.noise {
				lost++
				return answer{doubtful: true}, nil
			}
			return answer{kept: true}, nil
		}).run()
		if err != nil || got < tt.want-read.CapacityStep(tt.want) || got > tt.want {
			t.Errorf("%s: %d, want %d, %v", name, got, tt.want, err)
		}
	}
}

// TestSearchConfirms: what is found was kept twice, however fickle the server.
func TestSearchConfirms(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		kept, asked := map[int]int{}, 0
		got, err := newSearch(20_000, func(n int, _ bool) (answer, error) {
			if asked++; asked > 1000 {
				t.Fatal("it never ends")
			}
			if n > 500 && random.IntN(3) == 0 || n > 5000 {
				return answer{doubtful: random.IntN(2) == 0}, nil
			}
			kept[n]++
			return answer{kept: true}, nil
		}).run()
		if err != nil || got < 1 || kept[got] < 2 {
			t.Errorf("seed %d: %d, kept %d times, %v", seed, got, kept[got], err)
		}
	}
}

func TestSearchFails(t *testing.T) {
	broken := errors.New("broken")
	for at := 1; at < 20; at++ {
		n := 0
		_, err := newSearch(20_000, func(clients int, _ bool) (answer, error) {
			if n++; n == at {
				return answer{}, broken
			}
			return answer{kept: clients < 3000, doubtful: true}, nil
		}).run()
		if n >= at && !errors.Is(err, broken) {
			t.Errorf("the error of probe %d is lost: %v", at, err)
		}
	}
}
