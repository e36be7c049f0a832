package plots

import (
	"fmt"
	"math"
	"strings"


	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// chapters are the charts of a comparison table, each a list of its rows.
func (p *profilePage) chapters() []chapter {
	clients := chart{Title: "Clients that are all served", Unit: "clients", ListScale: "log", More: true}
	idle := chart{Title: "Memory of an idle connection", Unit: "bytes", ListScale: "wide"}
	perCore := chart{Title: "Requests a second of a CPU", Unit: "requests/s", ListScale: "linear", More: true}
	half := chart{Title: "p99 at half of the highest throughput", Unit: "ns", ListScale: "wide"}
	var none []string
	for i := range p.Profiles {
		r := &p.Profiles[i]
		switch {
		case r.Capacity.Probes == 0:
		case r.Capacity.Clients == 0:
			none = append(none, r.Model)
		default:
			clients.Dots = append(clients.Dots, p.clientsSpot(i, r))
		}
		if r.Idle != nil {
			idle.Dots = append(idle.Dots, listSpot(i, r.Idle.ResidentBytes, p.idleLines(r)))
		}
		perCore.Dots = append(perCore.Dots, p.intervalSpots(i, r, r.PerCore, results.ProbeSaturation, "requests/s a CPU", results.Count)...)
		half.Dots = append(half.Dots, p.intervalSpots(i, r, r.HalfP99, results.ProbeHalf, "p99 at half", func(v float64) string { return results.Nanos(v).String() })...)
	}
	if none != nil {
		clients.Note = "Not drawn, since not one client was served within the limit: " + enumerate(none) + "."
	}
	c := chapter{Charts: []chart{}}
	for _, chart := range []chart{clients, idle, perCore, half} {
		if len(chart.Dots) > 0 {
			chart.Ticks = []tick{}
			c.Charts = append(c.Charts, chart)
		}
	}
	if len(c.Charts) == 0 {
		return []chapter{}
	}
	return []chapter{c}
}

// listSpot is a mark of a list, with no interval yet.
func listSpot(point int, v float64, lines []string) spot {
	return spot{Point: point, Y: number(v), Low: number(math.Inf(-1)), High: number(math.Inf(1)), Lines: lines}
}

func (p *profilePage) clientsSpot(point int, r *read.Profile) spot {
	c := &r.Capacity
	bound := boundText(c)
	if c.At > 0 {
		bound += " at " + results.Count(float64(c.At))
	}
	lines := []string{r.Model, counted(c.Clients, "client"), bound, counted(c.Probes, "probe") + " of capacity"}
	for _, part := range p.restsOn(r)[:1] {
		lines = append(lines, "kept in "+linesText(part.lines)+" of trials.jsonl")
	}
	s := listSpot(point, float64(c.Clients), lines)
	if span, known := saidClients[p.Words[r.Model].Clients]; known {
		s.Said = []number{number(span[0]), number(span[1] + 1)}
		s.Lines = append(s.Lines, "the tutorial says “"+p.Words[r.Model].Clients+"”")
	}
	return s
}

func (p *profilePage) idleLines(r *read.Profile) []string {
	lines := []string{r.Model, results.Bytes(int64(r.Idle.ResidentBytes)) + " for an idle connection"}
	lines = append(lines, strings.Split(idleCell(r.Idle).Range, "; ")...)
	return append(lines, "measured in "+linesText(p.restsOn(r)[0].lines)+" of trials.jsonl")
}

// intervalSpots is the mark of a median and its interval; none where it is not known.
func (p *profilePage) intervalSpots(point int, r *read.Profile, i *stats.Interval, probe, name string, text func(float64) string) []spot {
	if i == nil {
		return nil
	}
	var lines []int
	for _, l := range p.records[r.Model] {
		if l.last && l.Probe == probe && l.Valid() {
			lines = append(lines, l.number)
		}
	}
	s := listSpot(point, i.Estimate, []string{r.Model, name + ": " + text(i.Estimate), "95 % interval of the median: " + tooFew, "median over " + linesText(lines) + " of trials.jsonl"})
	if i.Bounded() {
		s.Low, s.High = number(i.Low), number(i.High)
		s.Lines[2] = fmt.Sprintf("95 %% interval of the median: %s to %s", text(i.Low), text(i.High))
	}
	return []spot{s}
}
