package page

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"connbench/results"
	"connbench/results/stats"
)

// columnsFor are the figures of points. What says nothing of a closed loop is left out
// where there is no other.
func columnsFor(points []stats.Point) []*results.Figure {
	columns := []*results.Figure{
		results.Throughput, results.P50, results.P99, results.ServiceP99, results.ServerCPU, results.ClientCPU, results.ServerRSS, results.Threads,
	}
	open := slices.ContainsFunc(points, func(p stats.Point) bool { return p.Loop == results.OpenLoop })
	return slices.DeleteFunc(columns, func(f *results.Figure) bool { return f == results.ServiceP99 && !open })
}

// resourceColumns are those of which some point has more than zero.
func resourceColumns(points []stats.Point) []*results.Figure {
	return slices.DeleteFunc(slices.Clone(results.Resources), func(f *results.Figure) bool {
		return !slices.ContainsFunc(points, func(p stats.Point) bool { s, _ := p.Of(f); return s.Max != 0 || s.Min != 0 })
	})
}

// pointsTable has a row for each point, with notes or without what qualifies its figures.
func pointsTable(id string, notes bool, points []stats.Point, columns []*results.Figure) table {
	t := table{ID: id, Label: "Table of " + id}
	rate, differ := false, false
	workloads := map[string]string{}
	for i := range points {
		p := &points[i]
		rate = rate || p.RateRPS > 0
		first, seen := workloads[p.Model]
		differ = differ || seen && first != workload(p.Key)
		workloads[p.Model] = workload(p.Key)
	}
	t.Heads = pointHeads(rate, differ, notes, columns)
	for i := range points {
		p := &points[i]
		r := row{Point: i, Name: p.Model, Flagged: p.Flagged()}
		if differ {
			r.Cells = append(r.Cells, cell{Value: workload(p.Key), Text: workload(p.Key), Wide: true})
		}
		r.Cells = append(r.Cells, pointCells(p, rate, columns)...)
		if notes {
			r.Cells = append(r.Cells, servedCell(p), validCell(p),
				cell{Value: strconv.Itoa(len(p.Verdicts)), Text: noted(p), Verdicts: p.Verdicts, Wide: true})
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

func pointHeads(rate, workload, notes bool, columns []*results.Figure) []head {
	heads := []head{{Title: "model", Hint: "name of the row"}}
	if workload {
		heads = append(heads, head{Title: "workload", Hint: "network, framing, work and knobs"})
	}
	heads = append(heads, head{"clients", "connections", true, false}, head{"payload", "of a request", true, false})
	if rate {
		heads = append(heads, head{"rate", "requests asked for a second", true, false})
	}
	for _, c := range columns {
		heads = append(heads, headOf(c))
	}
	if notes {
		heads = append(heads, head{"served", "the fewest clients with an answer, of those that ask", true, true},
			head{"valid trials", "those without a verdict", true, true}, head{Title: "notes", Hint: "verdicts, errors, failures"})
	}
	return heads
}

func pointCells(p *stats.Point, rate bool, columns []*results.Figure) []cell {
	cells := []cell{
		{Value: strconv.Itoa(p.Clients), Text: strconv.Itoa(p.Clients)},
		{Value: strconv.Itoa(p.PayloadBytes), Text: results.Bytes(int64(p.PayloadBytes))},
	}
	if rate {
		c := cell{Value: number(p.RateRPS).String(), Text: results.Count(p.RateRPS)}
		if p.RateRPS == 0 {
			c.Text = results.Absent
		}
		cells = append(cells, c)
	}
	for _, c := range columns {
		cells = append(cells, pointCell(p, c))
	}
	return cells
}

func servedCell(p *stats.Point) cell {
	if !p.HasFigures() {
		return cell{Text: results.Absent}
	}
	served, active := p.MostUnserved()
	return cell{Value: number(served / max(1, active)).String(), Text: fmt.Sprintf("%.0f/%.0f", served, active)}
}

func validCell(p *stats.Point) cell {
	return cell{Value: strconv.Itoa(p.Valid), Text: fmt.Sprintf("%d/%d", p.Valid, p.Trials)}
}

func headOf(f *results.Figure) head { return head{f.Title, cmp.Or(f.Hint, f.Name), true, f.More} }

func pointCell(p *stats.Point, f *results.Figure) cell {
	s, known := p.Of(f)
	if !known {
		return cell{Text: results.Absent}
	}
	return cell{Value: number(s.Median).String(), Text: f.Text(s.Median), Range: fmt.Sprintf("from %s to %s", f.Text(s.Min), f.Text(s.Max))}
}

// workload is what rows differ in beside clients, payload and rate.
func workload(k results.Key) string {
	return stats.Workload([]stats.Point{{Key: k}})
}

// noted is why a row may need a second look, beside its verdicts.
func noted(p *stats.Point) string {
	parts := errorCounts(p.Errors)
	if few := p.TooFew(); few != "" {
		parts = append(parts, few)
	}
	if p.Noisy > 0 {
		parts = append(parts, fmt.Sprintf("%d repeated", p.Noisy))
	}
	if n := len(p.Failures); n > 0 {
		parts = append(parts, fmt.Sprintf("%d failed: %s", n, results.OneLine(p.Failures[0])))
	}
	return strings.Join(parts, ", ")
}
