package results

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// column is one column of a table; its title has a line break where the
// terminal needs one to stay narrow.
type column struct {
	title string
	align text.Align
	cell  func(*Point) string
	only  Loop // whose tables have it; empty for all
}

const modelTitle = "model"

// columns holds more than a terminal is wide. An open loop's tables do without
// memory and threads, which the same models show at saturation.
var columns = []column{
	{"clients", text.AlignRight, func(p *Point) string { return strconv.Itoa(p.Clients) }, ""},
	{"rate", text.AlignRight, func(p *Point) string { return Count(p.RateRPS) }, OpenLoop},
	{modelTitle, text.AlignLeft, modelCell, ""},
	{"req/s", text.AlignRight, measured(func(p *Point) string { return Count(p.Throughput.Median) }), ""},
	{"p50", text.AlignRight, ofLatency(func(p *Point) string { return nanos(p.P50) }), ""},
	{"p99", text.AlignRight, ofLatency(func(p *Point) string { return nanos(p.P99) }), ""},
	{"p99\nservice", text.AlignRight, ofLatency(func(p *Point) string { return nanos(p.ServiceP99) }), OpenLoop},
	{"server\nCPU/req", text.AlignRight, ofServer(func(p *Point) string { return nanos(p.ServerCPU) }), ""},
	{"client\nCPU/req", text.AlignRight, clientCell, ""},
	{"server\nRSS MiB", text.AlignRight, ofServer(rssCell), ClosedLoop},
	{"threads", text.AlignRight, ofServer(func(p *Point) string { return shortest(p.Threads.Median) }), ClosedLoop},
	{"served", text.AlignRight, measured(servedCell), ""},
	{"valid\ntrials", text.AlignRight, func(p *Point) string { return fmt.Sprintf("%d/%d", p.Valid, p.Trials) }, ""},
	{"notes", text.AlignLeft, notes, ""},
}

// columnsOf are the columns of a loop's tables.
func columnsOf(l Loop) []column {
	return slices.DeleteFunc(slices.Clone(columns), func(c column) bool { return c.only != "" && c.only != l })
}

func nanos(s Spread) string { return Nanos(s.Median).String() }

func measured(cell func(*Point) string) func(*Point) string {
	return func(p *Point) string {
		if !p.HasFigures() {
			return absent
		}
		return cell(p)
	}
}

func ofLatency(cell func(*Point) string) func(*Point) string {
	return func(p *Point) string {
		if !p.HasLatency {
			return absent
		}
		return cell(p)
	}
}

func ofServer(cell func(*Point) string) func(*Point) string {
	return func(p *Point) string {
		if !p.HasServer {
			return absent
		}
		return cell(p)
	}
}

func servedCell(p *Point) string {
	served, active := p.MostUnserved()
	return fmt.Sprintf("%.0f/%.0f", served, active)
}

func clientCell(p *Point) string {
	if !p.HasClientCPU {
		return absent
	}
	return nanos(p.ClientCPU)
}

func rssCell(p *Point) string { return shortest(significant(p.ServerRSS.Median / (1 << 20))) }

// modelCell keeps the names of flagged and other models in one column.
func modelCell(p *Point) string {
	if p.Flagged() {
		return flagMark + " " + p.Model
	}
	return "  " + p.Model
}

// notes is why a row may need a second look: errors, verdicts, failures.
func notes(p *Point) string {
	var parts []string
	for _, class := range slices.Sorted(maps.Keys(p.Errors)) {
		parts = append(parts, class+" "+Count(float64(p.Errors[class])))
	}
	parts = append(parts, p.Verdicts...)
	if few := p.TooFew(); few != "" {
		parts = append(parts, few)
	}
	if p.Noisy > 0 {
		parts = append(parts, fmt.Sprintf("%d repeated", p.Noisy))
	}
	if n := len(p.Failures); n > 0 {
		parts = append(parts, fmt.Sprintf("%d failed: %s", n, shorten(oneLine(p.Failures[0]))))
	}
	return strings.Join(parts, ", ")
}

func shorten(failure string) string {
	runes := []rune(failure)
	if len(runes) <= maxFailure {
		return failure
	}
	return string(runes[:maxFailure-1]) + "…"
}
