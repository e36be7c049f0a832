package document

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"connbench/results"
)

// Hosts says of trials on several hosts how far apart their clients began, which host of clients
// worked most, and how many trials were made again because a host was lost.
func Hosts(trials []results.Trial) (d Document) {
	var skew *results.Nanos
	var busiest *results.Host
	lost := map[string]int{}
	for _, t := range results.Each(trials) {
		if t.HostLost {
			lost[t.Failure]++
		}
		if apart := t.StartSkew(); apart != nil && (skew == nil || *apart > *skew) {
			skew = apart
		}
		for _, h := range results.Each(t.Hosts) {
			if h.Role == results.ClientRole && (busiest == nil || h.CPUFraction > busiest.CPUFraction) {
				busiest = h
			}
		}
	}
	if skew != nil {
		d.Add(Lines(fmt.Sprintf("hosts: clients began within %v of each other, or less; the busiest, %s, used up to %.0f %% of its threads' time", *skew, busiest.Name, 100*busiest.CPUFraction)))
	}
	if n := 0; len(lost) > 0 {
		var why []string
		for _, reason := range slices.Sorted(maps.Keys(lost)) {
			n += lost[reason]
			why = append(why, reason)
		}
		d.Add(Lines(fmt.Sprintf("%s failed because a host was lost, to be made again: %s", results.Plural(n, "attempt"), strings.Join(why, "; "))))
	}
	return d
}
