package sweep

import (
	"math"
	"slices"

	"connbench/results/read"
)

// A search begins with firstProbe clients, which most servers keep up with, and takes
// stride times as many while they are kept: to go down costs no more than to go up. Half of
// the limit comes before all of it, since a server that has no room for so many can
// take long to say so. Where chance decides, the search ends between what was kept and what was
// lost, and leaves the rest to an estimate.
const (
	firstProbe = 256
	stride     = 16
	// secondChances is how many numbers that were lost in noise are tried again later.
	secondChances = 3
)

// answer is what a probe says of a number of clients.
type answer struct {
	kept     bool
	doubtful bool // not kept, and that may be due to the client or to others on the machine
	chance   bool // not kept, as chance may have decided: it is estimated from further probes
	served   int  // not kept, since all but so many clients were left out; 0 where that is not why
}

// search finds the most clients, up to limit, with which a server keeps up. Numbers
// grow until one is lost. Between the highest that was kept and the lowest above it
// that was lost it then goes on where the server itself says that it stopped, and else in
// the middle of their ratio, until these are within [read.CapacityResolution] of each
// other. What it finds was kept twice. A number that was lost in noise is tried again
// then, seconds later: if it is kept, the search goes on from there, and what was lost
// below it counts for nothing. A server need not answer the same each time.
type search struct {
	limit int
	probe func(clients int, sure bool) (answer, error)

	kept  []int          // rising; without those that were lost the next time
	lost  map[int]answer // without those that were kept the next time
	tried map[int]bool   // numbers that had their second chance
}

func newSearch(limit int, probe func(clients int, sure bool) (answer, error)) *search {
	return &search{limit: limit, probe: probe, lost: map[int]answer{}, tried: map[int]bool{}}
}

// run returns what was found, 0 for not even one client, or the first error of a probe.
func (s *search) run() (int, error) {
	for {
		for n := s.next(); n > 0; n = s.next() {
			if _, err := s.ask(n, false); err != nil {
				return 0, err
			}
		}
		if low := s.low(); low > 0 && !s.lost[s.high()].chance {
			kept, err := s.ask(low, true)
			if err != nil {
				return 0, err
			}
			if !kept {
				continue
			}
		}
		kept, err := s.again()
		if err != nil {
			return 0, err
		}
		if !kept {
			return s.low(), nil
		}
	}
}

// ask probes a number, perhaps to make sure, and takes up the answer.
func (s *search) ask(n int, sure bool) (kept bool, err error) {
	a, err := s.probe(n, sure)
	if err != nil {
		return false, err
	}
	at, held := slices.BinarySearch(s.kept, n)
	switch {
	case a.kept && !held:
		s.kept = slices.Insert(s.kept, at, n)
	case !a.kept && held:
		s.kept = slices.Delete(s.kept, at, at+1)
	}
	delete(s.lost, n)
	if !a.kept {
		s.lost[n] = a
	}
	return a.kept, nil
}

// low is the highest number that was kept, 0 if none was.
func (s *search) low() int {
	if len(s.kept) == 0 {
		return 0
	}
	return s.kept[len(s.kept)-1]
}

// high is the lowest number above low that was lost, or one beyond the limit.
func (s *search) high() int {
	high := s.limit + 1
	for n := range s.lost {
		if n > s.low() {
			high = min(high, n)
		}
	}
	return high
}

// next is the number to ask for, 0 if low and high are close enough.
func (s *search) next() int {
	low, high := s.low(), s.high()
	guess := s.lost[high].served
	switch {
	case low == s.limit, high-low <= read.CapacityStep(low), low > 0 && s.lost[high].chance:
		return 0
	case high > s.limit && low >= s.limit/2:
		return s.limit
	case high > s.limit:
		return min(max(firstProbe, stride*low), max(s.limit/2, firstProbe), s.limit)
	case low < guess && guess < high:
		return guess
	case low > 0 && low == guess:
		return low + read.CapacityStep(low)
	}
	middle := int(math.Sqrt(float64(max(low, 1)) * float64(high)))
	return min(max(middle, low+1), high-1)
}

// again gives the lowest number that was lost a second chance if it was lost in noise.
func (s *search) again() (kept bool, err error) {
	high := s.high()
	if !s.lost[high].doubtful || s.tried[high] || len(s.tried) == secondChances {
		return false, nil
	}
	s.tried[high] = true
	return s.ask(high, false)
}
