package claims

import (
	"context"
	"fmt"
	"slices"
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
		"UDP has the lower latency, of servers in Go.",
		"UDP pays for it with loss.",
		"UDP pays for it with reordering.",
	},
	method: fmt.Sprintf("Open loops of %s requests/s from %d clients, on a server of UDP and one of TCP in the same language and of the same kind, that of the tutorial's "+
		"language first: the response latency, which has in it that a datagram is sent again when no answer comes. It is lower where the median is at each rate, and the 99th "+
		"percentile is not higher at any. Then %d clients with %d requests in flight each, as fast as they can, and %d likewise between two network "+
		"namespaces, over a link of 20 Mbit/s with a queue of 8 KB, which drops (tbf): what never came back before it was sent again. And %[5]d clients of which none sends again, "+
		"through loopback, and between two namespaces with packets spread one by one over a link of 100 and one of 10 Mbit/s (htb): what came back after a later request.",
		strings.Join(results.Map(lightRates, results.Count), " and "), lightClients, floodClients, floodPipeline, acrossClients),
	run: (*Bench).udp,
}

const (
	lightClients  = 16
	floodClients  = 256
	acrossClients = 16
	floodPipeline = 8
)

// lightRates are what all answer easily, in requests/s.
var lightRates = []float64{2000, 10_000}

// kin are servers of UDP and TCP that differ in as little else as may be, in the order of the claims.
var kin = [][2]string{{"python-udp", "python-threading"}, {"udp", "goroutine"}}

var flooded = []string{"udp", "udp-multi", "udp-batch"}

// The servers that are driven across a network, and what they are called then.
const (
	acrossUDP, acrossTCP = "udp", "goroutine"
	overOne, overTwo     = "-over-one-link", "-over-two-links"
)

func (b *Bench) udp(ctx context.Context) ([]finding, error) {
	light := b.plan(lightClients, 64)
	light.Rates, light.Arrivals = sweep.Rates(lightRates...), loadgen.Poisson
	light.Trials *= 2
	trials, err := b.named(ctx, light, kin[0][0], kin[0][1], kin[1][0], kin[1][1])
	if err != nil {
		return nil, err
	}
	findings := []finding{readLatency(trials, kin[0]), readLatency(trials, kin[1])}
	if trials, err = b.named(ctx, b.flood(floodClients), flooded...); err != nil {
		return findings, err
	}
	over, _ := b.across(ctx, oneLink, overOne, b.flood(acrossClients)) // which loopback does not need
	findings = append(findings, readLoss(append(trials, over...)))
	if trials, err = b.named(ctx, b.once(acrossClients), acrossUDP); err != nil {
		return findings, err
	}
	over, why := b.across(ctx, twoLinks, overTwo, b.once(acrossClients))
	return append(findings, readOrder(append(trials, over...), why)), ctx.Err()
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

func (b *Bench) flood(clients int) sweep.Plan {
	p := b.plan(clients, 64)
	p.Pipeline, p.Retries = floodPipeline, 0
	return p
}

// once is a flood of which nothing is sent again: an answer to a request that was would come after
// that to a later one, whatever the network does.
func (b *Bench) once(clients int) sweep.Plan {
	p := b.flood(clients)
	p.Resend = 0
	return p
}

// readLatency compares two kin at each rate.
func readLatency(trials []results.Trial, of [2]string) finding {
	var r finding
	var medians, tails []stats.Effect
	var said []string
	for _, rate := range lightRates {
		at := slices.DeleteFunc(slices.Clone(trials), func(t results.Trial) bool { return t.RateRPS != rate })
		label := fmt.Sprintf(" at %s/s", results.Count(rate))
		for _, row := range of {
			r.medianIn(at, results.P50, "median latency"+label, "ns", row)
		}
		for _, compared := range []struct {
			of   *results.Figure
			what string
			all  *[]stats.Effect
		}{{results.P50, "median", &medians}, {results.P99, "99th percentile", &tails}} {
			e, rests := stats.RatioIn(at, compared.of, of[0], of[1])
			*compared.all = append(*compared.all, e)
			r.ratio(fmt.Sprintf("%s of %s, of that of %s%s", compared.what, of[0], of[1], label), e, rests...)
		}
		said = append(said, fmt.Sprintf("%.2f times%s", medians[len(medians)-1].Ratio.Estimate, label))
	}
	r.sentence = fmt.Sprintf("The median latency of %s is, of that of %s, %s.", of[0], of[1], strings.Join(said, " and "))
	r.sided(-1, medians...)
	if i := slices.IndexFunc(tails, func(e stats.Effect) bool { return beside(e) > 0 }); i >= 0 && r.outcome == read.Confirmed {
		r.say(read.Undecidable, " But the 99th percentile is %.2f times as high at %s/s, with what was lost and sent again in it.", tails[i].Ratio.Estimate, results.Count(lightRates[i]))
	}
	return r
}

// fate is what became of the requests of a row.
type fate struct {
	answered, failed int64
	results.Datagrams
	rests []*results.Trial
}

func fateOf(trials []results.Trial, row string) fate {
	var f fate
	for i := range trials {
		t := &trials[i]
		if t.Model != row || t.Failure != "" {
			continue
		}
		f.answered, f.failed = f.answered+t.Requests, f.failed+t.Failed()
		if t.Datagrams != nil {
			f.Add(*t.Datagrams)
		}
		f.rests = append(f.rests, t)
	}
	return f
}

// share adds a figure of so many of all, in %, and returns it; 0 where there are none.
func (r *finding) share(name string, n, of int64, rests []*results.Trial) float64 {
	if of == 0 {
		return 0
	}
	share := 100 * float64(n) / float64(of)
	r.figures = append(r.figures, read.Figure(name, share, "%").From(rests...).Noted("%d of %d", n, of))
	return share
}

// readLoss is confirmed by any loss: TCP has none.
func readLoss(trials []results.Trial) finding {
	r := finding{outcome: read.Undecidable, sentence: "Nothing was lost here, through loopback."}
	most := 0.0
	for _, row := range append(slices.Clone(flooded), acrossUDP+overOne) {
		f := fateOf(trials, row)
		share := r.share("lost, "+row, f.Lost, f.answered+f.Lost, f.rests)
		if where := "overrun its receive buffer, without a network in between"; share > most {
			if row == acrossUDP+overOne {
				where = "overrun the queue of a link"
			}
			most, r.outcome = share, read.Confirmed
			r.sentence = fmt.Sprintf("%s loses %.2g %% of the datagrams where its clients %s.", row, share, where)
		}
	}
	r.overTCP(trials, overOne)
	return r
}

func (r *finding) overTCP(trials []results.Trial, over string) {
	f := fateOf(trials, acrossTCP+over)
	r.share("without an answer, "+acrossTCP+over, f.failed, f.answered+f.failed, f.rests)
}

// readOrder can be confirmed here, but not refuted: what one network does not do another may. Why
// says what has kept this from being seen across one.
func readOrder(trials []results.Trial, why error) finding {
	r := finding{outcome: read.Undecidable, sentence: "Nothing was reordered, even over two links of unequal speed."}
	if why != nil {
		r.sentence = "Nothing was reordered through loopback, which has one way for datagrams. Of two ways: " + cannotTell(why)
	}
	for _, row := range []string{acrossUDP, acrossUDP + overTwo} {
		f := fateOf(trials, row)
		if share := r.share("reordered, "+row, f.Reordered, f.answered, f.rests); share > 0 {
			r.outcome = read.Confirmed
			r.sentence = fmt.Sprintf("%.2g %% of the answers of %s come after that to a later request.", share, row)
		}
	}
	r.overTCP(trials, overTwo)
	return r
}
