package plots

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"connbench/results"
)

// captionOf is what a reader of the figure alone has to know. The points are all
// of the figure's, drawn or not.
func (f *figure) captionOf(points []results.Point, env *results.Environment) string {
	var sentences []string
	if len(f.models) > 0 {
		sentences = append(sentences, fmt.Sprintf("Medians of %s a point, bars from minimum to maximum.", f.trials(points)))
	}
	sentences = append(sentences, f.loop(points[0].Loop))
	if len(f.models) > 1 {
		sentences = append(sentences, "Models are set side by side at each client count.")
	}
	if !f.commonScale() {
		sentences = append(sentences, "Each panel has its own vertical scale.")
	}
	sentences = append(sentences, f.exceptions(points)...)
	return strings.Join(append(sentences, where(env)), " ")
}

func (f *figure) loop(l results.Loop) string {
	switch {
	case l != results.ClosedLoop:
		return "Open loop: latency counts from the intended send."
	case f.log:
		return "Closed loop: saturated throughput, so that latency follows from clients / throughput."
	default:
		return "Closed loop: saturated throughput."
	}
}

// exceptions explains the marks that are not plain, and what has none.
func (f *figure) exceptions(points []results.Point) []string {
	var flagged bool
	var infinite, absent []results.Key
	for i := range points {
		p := &points[i]
		switch {
		case !f.drawable(p):
			absent = append(absent, p.Key)
			continue
		case math.IsInf(f.spread(p).Median, 1):
			infinite = append(infinite, p.Key)
		}
		flagged = flagged || p.Flagged()
	}
	var sentences []string
	if flagged {
		sentences = append(sentences, "Hollow marks are "+results.FlagMeaning+".")
	}
	if len(infinite) > 0 {
		sentences = append(sentences, fmt.Sprintf("Triangles at the top edge are infinite: more than 1 %% of the requests were never answered, of %s.", f.list(infinite)))
	}
	if len(absent) > 0 {
		sentences = append(sentences, fmt.Sprintf("Tried, without figures to draw: %s.", f.list(absent)))
	}
	return sentences
}

// maxListed is how many entries a caption names of a list.
const maxListed = 10

// list names points sorted by clients: "pool (64 B) at 1, 16 clients; udp (4 KiB)
// at 256 clients". A single panel's payload goes without saying.
func (f *figure) list(keys []results.Key) string {
	type line struct {
		model   string
		payload int
	}
	clients := map[line][]string{}
	var order []line
	for _, k := range keys {
		l := line{k.Model, k.PayloadBytes}
		if _, seen := clients[l]; !seen {
			order = append(order, l)
		}
		clients[l] = append(clients[l], strconv.Itoa(k.Clients))
	}
	slices.SortStableFunc(order, func(a, b line) int {
		return cmp.Or(byModelOrder(a.model, b.model), cmp.Compare(a.model, b.model), a.payload-b.payload)
	})
	var entries []string
	for _, l := range order[:min(len(order), maxListed)] {
		name := l.model
		if len(f.panels) > 1 {
			name += fmt.Sprintf(" (%s)", results.Bytes(int64(l.payload)))
		}
		entries = append(entries, fmt.Sprintf("%s at %s clients", name, strings.Join(clients[l], ", ")))
	}
	if more := len(order) - maxListed; more > 0 {
		entries = append(entries, fmt.Sprintf("and %d more lines", more))
	}
	return strings.Join(entries, "; ")
}

// trials is how many trials the medians of the points drawn rest on.
func (f *figure) trials(points []results.Point) string {
	least, most := math.MaxInt, 0
	for i := range points {
		p := &points[i]
		if !f.drawable(p) {
			continue
		}
		n := p.Valid
		if n == 0 {
			n = p.Trials - len(p.Failures)
		}
		least, most = min(least, n), max(most, n)
	}
	switch {
	case least < most:
		return fmt.Sprintf("%d to %d trials", least, most)
	case most == 1:
		return "1 trial"
	default:
		return fmt.Sprintf("%d trials", most)
	}
}

func where(env *results.Environment) string {
	if env == nil {
		return "Measured same-host."
	}
	parts := []string{"Measured same-host"}
	if machine := env.Machine(); machine != "" {
		parts = append(parts, "on "+machine)
	}
	return strings.Join(parts, " ") + "; " + env.Placement() + "."
}
