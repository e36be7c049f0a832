package claims

import (
	"context"
	"fmt"
	"strings"

	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

var datagrams = experiment{
	number: "9",
	title:  "what UDP gains and what it costs",
	words: []string{
		"UDP has the lower latency.",
		"UDP pays for it with loss.",
		"UDP pays for it with reordering.",
	},
	method: fmt.Sprintf("An open loop of %d requests/s from %d clients, on a server of UDP and one of TCP in the same language and of the same kind: the median response "+
		"latency. Then %d clients with %d requests in flight each, as fast as they can: what of that never came back, and what came back after a later request.",
		lightRate, lightClients, floodClients, floodPipeline),
	run: (*Bench).udp,
}

const (
	lightRate     = 2000 // requests/s
	lightClients  = 16
	floodClients  = 256
	floodPipeline = 8
)

// kin are servers of UDP and TCP that differ in as little else as may be.
var kin = [][2]string{{"udp", "goroutine"}, {"python-udp", "python-threading"}}

var flooded = []string{"udp", "udp-multi", "udp-batch"}

func (b *Bench) udp(ctx context.Context) ([]finding, error) {
	trials, err := b.named(ctx, b.light(), kin[0][0], kin[0][1], kin[1][0], kin[1][1])
	if err != nil {
		return nil, err
	}
	findings := []finding{readLatency(trials)}
	if trials, err = b.named(ctx, b.flood(), flooded...); err != nil {
		return findings, err
	}
	return append(findings, readLoss(trials), readOrder(trials)), nil
}

func (b *Bench) named(ctx context.Context, p sweep.Plan, names ...string) ([]results.Trial, error) {
	rows := map[string]sweep.Row{}
	for _, name := range names {
		row, err := b.Row(ctx, name, nil)
		if err != nil {
			return nil, err
		}
		rows[name] = row
	}
	p.Models = names
	return b.Trials(ctx, p, rows)
}

func (b *Bench) light() sweep.Plan {
	p := b.plan(lightClients, 64)
	p.Rates, p.Arrivals = []float64{lightRate}, loadgen.Poisson
	return p
}

func (b *Bench) flood() sweep.Plan {
	p := b.plan(floodClients, 64)
	p.Pipeline, p.Retries = floodPipeline, 0
	return p
}

// readLatency wants all kin on one side.
func readLatency(trials []results.Trial) finding {
	var r finding
	var ratios []stats.Effect
	var said []string
	for _, k := range kin {
		for _, row := range k {
			r.medianIn(trials, results.P50, "median latency", "ns", row)
		}
		e, rests := stats.RatioIn(trials, results.P50, k[0], k[1])
		ratios = append(ratios, e)
		r.ratio(k[0]+", of "+k[1], e, rests...)
		said = append(said, fmt.Sprintf("%s has %.2f times the median latency of %s", k[0], e.Ratio.Estimate, k[1]))
	}
	r.sentence = strings.Join(said, ", and ") + "."
	r.sided(-1, ratios...)
	return r
}

type fate struct {
	answered int64
	results.Datagrams
	rests []*results.Trial
}

func fateOf(trials []results.Trial, row string) fate {
	var f fate
	for i := range trials {
		if t := &trials[i]; t.Model == row && t.Failure == "" && t.Datagrams != nil {
			f.answered += t.Requests
			f.Add(*t.Datagrams)
			f.rests = append(f.rests, t)
		}
	}
	return f
}

// readLoss is confirmed by any loss: TCP has none.
func readLoss(trials []results.Trial) finding {
	return readFlood(trials, finding{outcome: read.Undecidable, sentence: "Nothing was lost here, through loopback."}, "lost",
		func(f fate) (n, of int64) { return f.Lost, f.answered + f.Lost },
		func(row string, share float64) string {
			return fmt.Sprintf("Where %d clients overrun its receive buffer, %s loses %.2g %% of the datagrams, without a network in between.", floodClients, row, share)
		})
}

// readOrder can be confirmed here, but not refuted: one host has one way for datagrams,
// and a network has many.
func readOrder(trials []results.Trial) finding {
	return readFlood(trials, finding{outcome: read.Undecidable, sentence: "Nothing was reordered: loopback has one way for datagrams, and a network has many."}, "reordered",
		func(f fate) (n, of int64) { return f.Reordered, f.answered },
		func(row string, _ float64) string {
			return fmt.Sprintf("Answers of %s overtook one another, even through loopback.", row)
		})
}

// readFlood confirms what became of any datagram, with the sentence of the first row of which
// that is so.
func readFlood(trials []results.Trial, r finding, what string, count func(fate) (n, of int64), sentence func(row string, share float64) string) finding {
	for _, row := range flooded {
		f := fateOf(trials, row)
		n, of := count(f)
		if of == 0 {
			continue
		}
		share := 100 * float64(n) / float64(of)
		r.figures = append(r.figures, read.Figure(what+", "+row, share, "%").From(f.rests...).Noted("%d of %d", n, of))
		if n > 0 && r.outcome != read.Confirmed {
			r.outcome, r.sentence = read.Confirmed, sentence(row, share)
		}
	}
	return r
}
