package document

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// Choice is which row to choose, why, and which is the simplest that will do.
func Choice(c *read.Choice) Document {
	t := choiceTable(c)
	d := Document{Verdict: begin(c) + answer(c)}
	if simplest := simplest(c); simplest != "" {
		d.Add(Lines(simplest))
	}
	d.Add(Block{Heading: workload(c), Table: t})
	if c.Offer != nil && c.Offer.Slowest != "" {
		d.Add(Lines(offer(c.Offer)))
	}
	d.Fields = append([]Field{{"clients", c.Point.Clients}, {"payload_bytes", c.Point.PayloadBytes}, {"rate_rps", some(c.Point.RateRPS)}, {"work", c.Point.Work}, {"knobs", some(c.Point.Knobs)}, {"slo", c.SLO}},
		choiceData(c, t)...)
	return d
}

// choiceData is the answer in JSON: the rows to choose, the simplest that will do, and all of them.
func choiceData(c *read.Choice, candidates *Table) []Field {
	var simplest any
	if c.Simplest >= 0 {
		simplest = c.Candidates[c.Simplest].Model
	}
	first := append([]string{}, results.Map(c.First(), func(x read.Candidate) string { return x.Model })...)
	return []Field{{"choose", first}, {"simplest", simplest}, {"candidates", candidates}}
}

// Change is what becomes of a choice when one thing about the workload is another, in words, and as an
// object of JSON.
func Change(c *read.Change, before *read.Choice) (said string, object Document) {
	object.Fields = append([]Field{{"what", c.What}, {"from", c.From}, {"to", c.To}}, choiceData(&c.Choice, choiceTable(&c.Choice))...)
	return changed(c, before), object
}

// offer says why it is that rate.
func offer(o *read.Offer) string {
	return fmt.Sprintf("Each row was offered %s requests/s, %.0f %% of the %s that %s, the slowest of them, answered in its best trial.",
		results.Count(o.RateRPS), 100*o.RateRPS/o.Capacity, results.Count(o.Capacity), o.Slowest)
}

func workload(c *read.Choice) string {
	k := c.Point
	rate := ""
	if k.Loop == results.OpenLoop {
		rate = results.Count(k.RateRPS) + " requests/s"
	}
	return Dotted(results.Plural(k.Clients, "client"), results.Bytes(int64(k.PayloadBytes)), rate, k.Work, k.Knobs, c.SLO.String(), k.LoopLabel())
}

func choiceTable(c *read.Choice) *Table {
	percentile := c.SLO.Percentile
	t := &Table{Columns: []Column{
		tierColumn, {Title: "model", Name: "model", Left: true, Names: true},
		{Name: "keeps", Only: CSV | JSON}, {Name: "open", Only: CSV | JSON}, {Name: "tier", Only: CSV | JSON}, {Name: "last_tier", Only: CSV | JSON},
		{Title: results.ServerCPU.Title, Name: results.ServerCPU.Name}, {Title: "95 %", Left: true, Spare: 1, Only: People}, {Name: "low", Only: CSV | JSON}, {Name: "high", Only: CSV | JSON},
		{Title: "× first", Name: "ratio_to_first"}, {Title: "95 %", Left: true, Spare: 2, Only: People},
		{Title: percentile, Name: percentile + "_ns"}, {Title: "own lines", Name: "own_lines", Spare: 3}, {Title: "out", Name: "why", Left: true, Wrap: 12},
	}, Trials: ofTrials(results.ServerCPU, results.ClientCPU, results.Throughput, results.P50, results.P99)}
	for i, x := range results.Each(c.Candidates) {
		lines, latency := none, none
		if x.Lines > 0 {
			lines = count(x.Lines)
		}
		if x.Latency.Estimate > 0 {
			latency = of(results.P99, x.Latency.Estimate, true)
		}
		placed, low, high, why := []Cell{words(flagMark), words(x.Model), none, {}, {}, {}}, Cell{}, Cell{}, Cell{Text: x.Why, Value: some(x.Why)}
		if x.Keeps {
			placed, why = place(&x.Standing, results.ServerCPU), Cell{}
			low.Value, high.Value = known(x.Value.Low, x.Value.Bounded()), known(x.Value.High, x.Value.Bounded())
		}
		cells := slices.Concat(placed[:2], values(x.Keeps, x.Open, some(x.First), some(x.Last)), placed[2:4], []Cell{low, high}, placed[4:], []Cell{latency, lines, why})
		t.Rows = append(t.Rows, Row{Cells: cells, Break: i > 0 && c.Candidates[i-1].Keeps && !x.Keeps, Source: candidateSource(x)})
	}
	return t
}

// candidateSource is the trials of a row, all of which are of the workload.
func candidateSource(x *read.Candidate) *Source {
	return &Source{Key: results.Key{Model: x.Model}, Flagged: !x.Keeps, Trials: func(t *results.Trial) (its, rests bool) {
		return t.Model == x.Model, t.Failure == "" && t.Valid()
	}}
}

// begin begins the answer: with its limits where it is one among a few.
func begin(c *read.Choice) string {
	open, kept := len(open(c)), 0
	for _, x := range c.Candidates {
		if x.Keeps {
			kept++
		}
	}
	if kept == 0 || open <= kept {
		return "Choose "
	}
	return fmt.Sprintf("Not decided: of %d of %d rows too few trials are valid; connbench doctor says what disturbs them. Of the others choose ", open, len(c.Candidates))
}

// answer is the choice and why, in two sentences.
func answer(c *read.Choice) string {
	first := c.First()
	if len(first) == 0 {
		if slices.ContainsFunc(c.Candidates, func(x read.Candidate) bool { return x.Open }) {
			return "none yet: of no row it is known that it keeps " + c.SLO.String() + ", since too few trials are valid; connbench doctor says what disturbs them."
		}
		return "none of these: no row keeps " + c.SLO.String() + " with every client served."
	}
	x := first[0]
	why := "It takes " + ValueOf(results.ServerCPU, &x.Standing) + " of the server's CPU a request"
	if len(first) > 1 {
		why = fmt.Sprintf("They take %s of the server's CPU a request and up%s", results.ServerCPU.Text(x.Value.Estimate), apart(standings(first)))
	}
	i := slices.IndexFunc(c.Candidates, func(x read.Candidate) bool { return x.Keeps && x.First > 1 }) // beyond doubt not the cheapest
	if i >= 0 {
		next := c.Candidates[i]
		why += fmt.Sprintf("; %s, which comes next, takes %s times as much (%s)", next.Model, results.Ratio(next.Best.Estimate), next.Best.Bounds(results.Ratio))
	}
	far, rather := roomier(c, first), ""
	switch {
	case far == nil || far.Best.Estimate > 1+stats.Same:
	case far.First == 1:
		rather = ", of these rather " + far.Model
	default:
		rather = ", or rather " + far.Model
	}
	return fmt.Sprintf("%s%s. %s. %s, where %s are allowed.%s%s", names(first), rather, why, latencyOf(c.SLO.Percentile, first), c.SLO.Limit, room(far), notKnown(c))
}

// roomier is the cheapest row that is far from the limit where a first one is close to it, else nil.
func roomier(c *read.Choice, first []read.Candidate) *read.Candidate {
	limit := float64(c.SLO.Limit)
	if !slices.ContainsFunc(first, func(x read.Candidate) bool { return x.Latency.Estimate > closeToLimit*limit }) {
		return nil
	}
	return results.Find(c.Candidates, func(x *read.Candidate) bool { return x.Keeps && x.Latency.Estimate < farFromLimit*limit })
}

// room says how far a row is from the limit.
func room(far *read.Candidate) string {
	if far == nil {
		return ""
	}
	said := fmt.Sprintf(" %s leaves far more room: %s", far.Model, results.Nanoseconds.Text(far.Latency.Estimate))
	if far.First > 1 {
		said += fmt.Sprintf(", at %s times the CPU (%s)", results.Ratio(far.Best.Estimate), far.Best.Bounds(results.Ratio))
	}
	return said + "."
}

// The shares of the limit from which on a row is close to it, and up to which it is far from it.
const closeToLimit, farFromLimit = 0.5, 0.1

// notKnown names the rows that might do as well, for all that is known.
func notKnown(c *read.Choice) string {
	open := open(c)
	if len(open) == 0 {
		return ""
	}
	return " Whether " + names(open) + " would do as well is not known: too few trials are valid."
}

func open(c *read.Choice) []read.Candidate {
	return slices.DeleteFunc(slices.Clone(c.Candidates), func(x read.Candidate) bool { return !x.Open })
}

// latencyOf is the percentile of one row, or of the quickest and the slowest of several.
func latencyOf(percentile string, all []read.Candidate) string {
	by := func(a, b read.Candidate) int { return cmp.Compare(a.Latency.Estimate, b.Latency.Estimate) }
	low := results.Nanoseconds.Text(slices.MinFunc(all, by).Latency.Estimate)
	high := results.Nanoseconds.Text(slices.MaxFunc(all, by).Latency.Estimate)
	if low == high {
		return fmt.Sprintf("The %s of the response is %s", percentile, low)
	}
	return fmt.Sprintf("The %s of the response is %s to %s", percentile, low, high)
}

func standings(all []read.Candidate) []stats.Standing {
	return results.Map(all, func(x read.Candidate) stats.Standing { return x.Standing })
}

func names(all []read.Candidate) string {
	return strings.Join(results.Map(standings(all), modelOf), " or ")
}

func simplest(c *read.Choice) string {
	if c.Simplest < 0 {
		return ""
	}
	x := &c.Candidates[c.Simplest]
	said := fmt.Sprintf("The simplest that will do is %s: %d lines of source beside those that every model has", x.Model, x.Lines)
	if x.First > 1 {
		said += fmt.Sprintf(", at %s times the CPU a request (%s)", results.Ratio(x.Best.Estimate), x.Best.Bounds(results.Ratio))
	}
	return said + "."
}

// changed says in a line what a change makes of the choice before: which rows are first then, which
// of those before are not any more, and of which it is not known.
func changed(c *read.Change, before *read.Choice) string {
	first := c.Choice.First()
	still, gone, open := c.Still(before)
	var parts results.Sentences
	parts.When(len(first) > 0 || len(open) == 0, outcome(first, still, gone, open))
	parts = append(parts, slices.Concat(listed("no longer", gone), listed("not known of", open))...)
	parts.When(len(first) > 0 && len(still) == 0 && len(open) == 0, fmt.Sprintf("the crossover lies between %s and %s", c.From, c.To))
	return fmt.Sprintf("%s %s instead of %s: %s", c.What, c.To, c.From, strings.Join(parts, "; "))
}

// outcome is which rows are first after a change, given what has become of those before.
func outcome(first, still, gone, open []read.Candidate) string {
	var said string
	switch {
	case len(first) == 0:
		return "no row keeps the limit any more"
	case len(still) == 0 && len(open) > 0:
		said = "perhaps, of the rows that are placed it is " + names(first)
	case len(still) == 0:
		said = "yes, then it is " + names(first)
	case len(gone) == 0:
		said = "no, still " + names(still)
	default:
		said = "in part, still " + names(still)
	}
	joined := slices.DeleteFunc(slices.Clone(first), func(x read.Candidate) bool {
		return slices.ContainsFunc(still, func(y read.Candidate) bool { return x.Model == y.Model })
	})
	if len(still) > 0 && len(joined) > 0 {
		said += ", with " + names(joined) + " beside"
	}
	if len(first) > 1 {
		said += apart(standings(first))
	}
	return said
}

// listed names rows that were among the first, and why they are not any more; it is empty for none.
func listed(lead string, all []read.Candidate) []string {
	if len(all) == 0 {
		return nil
	}
	return []string{lead + " " + Enumerate(results.Map(all, dropped))}
}

// dropped is a row that was among the first, and why it is not any more.
func dropped(x read.Candidate) string {
	why := cmp.Or(x.Why, "not measured")
	if x.Keeps {
		why = fmt.Sprintf("%s times as much CPU, %s", results.Ratio(x.Best.Estimate), x.Best.Bounds(results.Ratio))
	}
	return x.Model + " (" + why + ")"
}
