package calibrate

import (
	"fmt"
	"time"

	"connbench/results"
	"connbench/results/document"
)

// Document is what a report has to say.
func (r *Report) Document() document.Document {
	d := document.Document{Verdict: "verdict on this machine: " + string(r.Verdict), More: "more:    connbench calibrate --json has every repetition"}
	if len(r.Truths) > 0 {
		d.Add(document.Lines(
			fmt.Sprintf("Ground truth: one worker of %v a request · Poisson arrivals · %d clients · %s · repetitions of %v",
				time.Duration(r.ServiceNS), r.Clients, results.Bytes(int64(r.PayloadBytes)), time.Duration(r.DurationNS)),
			"net: measured − floor − what follows exactly for these requests, in % of theory, ±95 %; plain: measured − floor − theory"),
			document.Block{Table: r.truthTable()})
	}
	c := &r.Capacity
	d.Add(
		document.Block{Heading: "The client on its own terms: medians", Table: r.clientTable(), Lines: []string{
			fmt.Sprintf("%d clients, closed loop: %s requests/s; CPU a request: client %v, server %v; %s requests/s a client CPU; %s quiet",
				r.Clients, results.Count(c.ThroughputRPS), results.Nanos(c.ClientCPU), results.Nanos(c.ServerCPU), results.Count(c.PerClientCPU),
				&c.Repetitions)}},
		document.Block{Heading: "Findings", Table: r.findingTable()},
		document.Lines(document.Where(&r.Environment)...))
	return d
}

func (r *Report) truthTable() *document.Table {
	t := &document.Table{Columns: []document.Column{
		{Title: "service", Left: true}, {Title: "rho"}, {Title: "req/s"}, {Title: "mean\ntheory"}, {Title: "\nnet"}, {Title: "\nplain", Long: "mean plain", Spare: 1},
		{Title: "p99\ntheory"}, {Title: "\nnet"}, {Title: "\nplain", Long: "p99 plain", Spare: 2}, {Title: "quiet"},
	}}
	for i := range r.Truths {
		v := &r.Truths[i]
		t.Texts(string(v.Distribution), fmt.Sprint(v.Rho), results.Count(v.RateRPS),
			results.Nanos(v.Theory.Mean).String(), percent(v.Mean.Net), percent(v.Mean.Plain),
			results.Nanos(v.Theory.P99).String(), percent(v.P99.Net), percent(v.P99.Plain), v.Repetitions.String())
		t.Rows[i].Break = i > 0 && v.Distribution != r.Truths[i-1].Distribution
	}
	return t
}

func (r *Report) clientTable() *document.Table {
	t := &document.Table{Columns: []document.Column{{Title: "what", Left: true, Wrap: 30}, {Title: "p50"}, {Title: "p99"}, {Title: "max"}, {Title: "quiet"}}}
	row := func(what string, v Tail, of Repetitions) {
		t.Texts(what, results.Nanos(v.P50).String(), results.Nanos(v.P99).String(), results.Nanos(v.Max).String(), of.String())
	}
	for _, f := range r.Floors {
		row("response at "+results.Count(f.RateRPS)+" requests/s with nothing to serve: the floor", f.Response, f.Repetitions)
	}
	row("round trip of 1 client, closed loop", r.RoundTrip.Latency, r.RoundTrip.Repetitions)
	p := &r.Pacing
	rate := " at " + results.Count(p.RateRPS) + " requests/s"
	row("pacing"+rate+": due until looked at", p.Pacing, p.Repetitions)
	row("slip"+rate+": due until sent", p.Slip, p.Repetitions)
	return t
}

func (r *Report) findingTable() *document.Table {
	t := &document.Table{Columns: []document.Column{{Title: "subject", Left: true, Wrap: 20}, {Title: "verdict", Left: true}, {Title: "why", Left: true, Wrap: 30}}}
	for _, f := range r.Findings {
		t.Texts(f.Subject, string(f.Verdict), f.Text)
	}
	return t
}

func percent(i *Interval) string {
	if i == nil {
		return results.Absent
	}
	return fmt.Sprintf("%+.1f ±%.1f %%", i.Estimate, i.High-i.Estimate)
}
