package message

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"connbench/results"
)

// Share is a length of payloads, and how many requests of so many have it: the others are those
// of the shares beside it.
type Share struct {
	PayloadBytes int `json:"payload_bytes"`
	Weight       int `json:"weight"`
}

// Mix is payloads of several lengths, of which the seed draws one for each request. An empty one
// is none.
type Mix []Share

const (
	maxShares = 16
	maxWeight = 1_000_000
)

// Mean is the payload of a request on average, rounded.
func (m Mix) Mean() int {
	bytes, weights := 0.0, 0.0
	for _, s := range m {
		bytes += float64(s.PayloadBytes) * float64(s.Weight)
		weights += float64(s.Weight)
	}
	return int(math.Round(bytes / weights))
}

// String is the mix as it is given: 64B*9+64KiB*1.
func (m Mix) String() string {
	return strings.Join(results.Map(m, func(s Share) string { return fmt.Sprintf("%s*%d", results.ExactBytes(s.PayloadBytes), s.Weight) }), "+")
}

// Range is the shortest and the longest payload, of an empty mix the one that there is instead.
func (m Mix) Range(instead int) (least, most int) {
	if len(m) == 0 {
		return instead, instead
	}
	all := results.Map(m, func(s Share) int { return s.PayloadBytes })
	return slices.Min(all), slices.Max(all)
}

// Validate says what of a mix there cannot be, "" for nothing.
func (m Mix) Validate() (allowed string) {
	sizes := results.Distinct(m, func(s Share) int { return s.PayloadBytes })
	switch {
	case slices.ContainsFunc(m, func(s Share) bool { return s.Weight < 1 || s.Weight > maxWeight }):
		return fmt.Sprintf("each size 1 to %d times", maxWeight)
	case len(sizes) < len(m):
		return "each size once"
	case len(m) < 2 || len(m) > maxShares:
		return fmt.Sprintf("a mix of 2 to %d sizes", maxShares)
	}
	return ""
}
