package calibrate

import (
	"fmt"
	"io"
	"strings"
	"time"


	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"connbench/results"
)

// absent stands for what could not be measured.
const absent = "–"

// WriteTable shows a report for people, on a terminal of at least 110 columns.
func WriteTable(w io.Writer, r *Report) error {
	var b strings.Builder
	if len(r.Truths) > 0 {
		fmt.Fprintf(&b, "Ground truth: one worker of %v a request · Poisson arrivals · %d clients · %s · repetitions of %v\n"+
			"net: measured − floor − what follows exactly for these requests, in %% of theory, ±95 %%; plain: measured − floor − theory\n\n%s\n\n",
			time.Duration(r.ServiceNS), r.Clients, results.Bytes(int64(r.PayloadBytes)), time.Duration(r.DurationNS), r.truthTable())
	}
	fmt.Fprintf(&b, "The client on its own terms: medians\n\n%s\n\n", r.clientTable())
	fmt.Fprintf(&b, "Findings\n\n%s\n\n", r.findingTable())
	fmt.Fprintf(&b, "verdict on this machine: %s\n", r.Verdict)
	if machine := r.Environment.Machine(); machine != "" {
		fmt.Fprintf(&b, "machine: %s, same-host\n", machine)
	}
	fmt.Fprintf(&b, "CPUs: %s\n", r.Environment.Placement())
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) truthTable() string {
	t := newTable([]string{"service", "rho", "req/s", "mean\ntheory", "\nnet", "\nplain", "p99\ntheory", "\nnet", "\nplain", "quiet"}, 1)
	for i := range r.Truths {
		v := &r.Truths[i]
		if i > 0 && v.Distribution != r.Truths[i-1].Distribution {
			t.AppendSeparator()
		}
		t.AppendRow(table.Row{
			v.Distribution, v.Rho, results.Count(v.RateRPS),
			results.Nanos(v.Theory.Mean), percent(v.Mean.Net), percent(v.Mean.Plain),
			results.Nanos(v.Theory.P99), percent(v.P99.Net), percent(v.P99.Plain),
			ofAll(v.Quiet, len(v.Repetitions)),
		})
	}
	return t.Render()
}

func (r *Report) clientTable() string {
	t := newTable([]string{"what", "p50", "p99", "max", "quiet"}, 1)
	row := func(what string, v Tail, quiet, all int) {
		t.AppendRow(table.Row{what, results.Nanos(v.P50), results.Nanos(v.P99), results.Nanos(v.Max), ofAll(quiet, all)})
	}
	for _, f := range r.Floors {
		row("response at "+results.Count(f.RateRPS)+" requests/s with nothing to serve: the floor", f.Response, f.Quiet, len(f.Repetitions))
	}
	row("round trip of 1 client, closed loop", r.RoundTrip.Latency, r.RoundTrip.Quiet, len(r.RoundTrip.Repetitions))
	p := &r.Pacing
	rate := " at " + results.Count(p.RateRPS) + " requests/s"
	row("pacing"+rate+": due until looked at", p.Pacing, p.Quiet, len(p.Repetitions))
	row("slip"+rate+": due until sent", p.Slip, p.Quiet, len(p.Repetitions))
	c := &r.Capacity
	return fmt.Sprintf("%s\n\n%d clients, closed loop: %s requests/s; CPU a request: client %v, server %v; %s requests/s a client CPU; %s quiet",
		t.Render(), r.Clients, results.Count(c.ThroughputRPS), results.Nanos(c.ClientCPU), results.Nanos(c.ServerCPU), results.Count(c.PerClientCPU),
		ofAll(c.Quiet, len(c.Repetitions)))
}

func (r *Report) findingTable() string {
	t := newTable([]string{"subject", "verdict", "why"}, 3)
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 3, WidthMax: 60, WidthMaxEnforcer: text.WrapSoft}})
	for _, f := range r.Findings {
		t.AppendRow(table.Row{f.Subject, f.Verdict, f.Text})
	}
	return t.Render()
}

// newTable has rules but no lines between its columns, the first few to the left
// and the others to the right.
func newTable(titles []string, left int) table.Writer {
	t := table.NewWriter()
	style := table.StyleLight
	style.Format.Header = text.FormatDefault
	style.Options.DrawBorder = false
	style.Options.SeparateColumns = false
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	row := table.Row{}
	var configs []table.ColumnConfig
	for i, title := range titles {
		row = append(row, title)
		align := text.AlignRight
		if i < left {
			align = text.AlignLeft
		}
		configs = append(configs, table.ColumnConfig{Number: i + 1, Align: align, AlignHeader: align, VAlignHeader: text.VAlignBottom})
	}
	t.AppendHeader(row)
	t.SetColumnConfigs(configs)
	return t
}

func percent(i *Interval) string {
	if i == nil {
		return absent
	}
	return fmt.Sprintf("%+.1f ±%.1f %%", i.Estimate, i.High-i.Estimate)
}

func ofAll(some, all int) string { return fmt.Sprintf("%d of %d", some, all) }
