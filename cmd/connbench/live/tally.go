package live

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"connbench/results"
)

// tally counts what became of the trials so far.
type tally struct {
	valid, failed map[int]bool   // by trial, of the last attempt at it
	verdicts      map[string]int // of all attempts
	repeated      int
}

func newTally() tally {
	return tally{map[int]bool{}, map[int]bool{}, map[string]int{}, 0}
}

// add takes up an attempt at a trial, after those before it.
func (c *tally) add(t *results.Trial) {
	c.failed[t.Trial] = t.Failure != ""
	c.valid[t.Trial] = t.Valid()
	for _, v := range t.Verdicts {
		c.verdicts[v]++
	}
	if t.Attempt > 0 {
		c.repeated++
	}
}

func (c *tally) words() string {
	count := func(of map[int]bool) int {
		n := 0
		for _, is := range of {
			if is {
				n++
			}
		}
		return n
	}
	parts := results.Sentences{fmt.Sprintf("%d of %d valid", count(c.valid), len(c.valid))}
	if n := count(c.failed); n > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", n))
	}
	parts.When(c.repeated > 0, fmt.Sprintf("%d repeated", c.repeated))
	names := slices.SortedFunc(maps.Keys(c.verdicts), func(a, b string) int {
		return cmp.Or(cmp.Compare(c.verdicts[b], c.verdicts[a]), cmp.Compare(a, b))
	})
	return strings.Join(append(parts, results.Map(names, func(v string) string { return fmt.Sprintf("%s %d", v, c.verdicts[v]) })...), " · ")
}
