package sweep

import (
	"errors"
	"math/rand/v2"
	"testing"
)

func TestSearch(t *testing.T) {
	for _, limit := range []int{1, 2, 7, 100, 20_000} {
		for _, truth := range []int{0, 1, 2, 3, 5, 63, 64, 65, 100, 1000, 19_999, 20_000, 30_000} {
			probes := 0
			got, err := search(limit, func(n int) (bool, error) {
				if n < 1 || n > limit {
					t.Fatalf("%d clients of at most %d are asked for", n, limit)
				}
				probes++
				return n <= truth, nil
			})
			most := min(limit, truth)
			if err != nil || got > most || got < most-max(1, most/20) {
				t.Errorf("of %d up to %d: found %d, %v", truth, limit, got, err)
			}
			if probes > 40 {
				t.Errorf("of %d up to %d: %d probes", truth, limit, probes)
			}
		}
	}
}

// What is found was kept twice, however fickle the server.
func TestSearchConfirms(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		kept, asked := map[int]int{}, 0
		got, err := search(20_000, func(n int) (bool, error) {
			if asked++; asked > 1000 {
				t.Fatal("it never ends")
			}
			if n > 500 && random.IntN(3) == 0 || n > 5000 {
				return false, nil
			}
			kept[n]++
			return true, nil
		})
		if err != nil || got < 1 || kept[got] < 2 {
			t.Errorf("seed %d: %d, kept %d times, %v", seed, got, kept[got], err)
		}
	}
}

func TestSearchFails(t *testing.T) {
	broken := errors.New("broken")
	for at := 1; at < 20; at++ {
		n := 0
		_, err := search(20_000, func(clients int) (bool, error) {
			if n++; n == at {
				return false, broken
			}
			return clients < 3000, nil
		})
		if n >= at && !errors.Is(err, broken) {
			t.Errorf("the error of probe %d is lost: %v", at, err)
		}
	}
}
