package document

import (
	"fmt"
	"strings"

	"connbench/results"
)

// Looks says at which points rows are not in all blocks, as the run itself decided between
// them.
func Looks(looks []results.Look) Document {
	var d Document
	var lines []string
	for _, of := range results.Grouped(looks, at) {
		var left []string
		for _, l := range of {
			left = append(left, fmt.Sprintf("%s after %d", results.Plural(len(l.Left), "row"), l.Blocks))
		}
		lines = append(lines, fmt.Sprintf("at %s: %s of %d blocks", At(at(of[0])), strings.Join(left, ", "), of[0].Planned))
	}
	if lines != nil {
		d.Add(Lines(append([]string{"Rows that left before the last block, since more trials of theirs would not change the answer (looks.jsonl says which and why; --no-racing measures all to the end):"}, lines...)...))
	}
	return d
}

// at is the point of a look.
func at(l results.Look) results.Key {
	k := results.Key{Clients: l.Clients, PayloadBytes: l.PayloadBytes, RateRPS: l.RateRPS, Loop: results.ClosedLoop}
	if l.RateRPS > 0 {
		k.Loop = results.OpenLoop
	}
	return k
}
