package document

import (
	"fmt"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// runVerdict is what a run comes to, in a sentence: who is first where, or of rows that are alone
// what they did.
func runVerdict(p *read.Reading) string {
	rankings := slices.DeleteFunc(slices.Clone(p.Rankings), func(r stats.Ranking) bool { return len(r.Standings) < 2 })
	switch {
	case p.Run.Kind == results.ScaleRun:
		return scaleVerdict(p)
	case len(rankings) == 0:
		return aloneVerdict(p.Points)
	case len(rankings) == 1:
		return rankingVerdict(&rankings[0], p.Points)
	}
	return rankingsVerdict(rankings, p.Points)
}

// rankingVerdict is who is first at the only point, and who comes next.
func rankingVerdict(r *stats.Ranking, points []stats.Point) string {
	first, words, at := r.Leaders(), phraseOf(r.Metric), "at "+At(r.Key)
	switch ranked := r.Ranked(); {
	case ranked == 0:
		return "No row is placed " + at + unplacedAll(points, *r) + "."
	case ranked == 1:
		return fmt.Sprintf("Only %s%s is placed %s: %s %s.", first[0].Model, ofAll(r), at, words.noun, ValueOf(r.Metric, &first[0]))
	case len(first) == ranked:
		return fmt.Sprintf("No two of the %d%s rows that are placed can be told apart by %s %s.", ranked, ofAll(r), words.noun, at)
	}
	next := r.Standings[len(first)]
	behind := fmt.Sprintf("%s comes next with %s times that.", next.Model, results.Ratio(next.Best.Estimate))
	if len(first) > 1 {
		return among(r) + fmt.Sprintf("%s are first by %s %s, and cannot be told apart: %s and up; %s", several(results.Map(first, modelOf)), words.noun, at,
			r.Metric.Text(first[0].Value.Estimate), behind)
	}
	return among(r) + fmt.Sprintf("%s %s %s: %s; %s", first[0].Model, words.first, at, ValueOf(r.Metric, &first[0]), behind)
}

// rankingsVerdict counts the points at which rows are among the first, before others.
func rankingsVerdict(rankings []stats.Ranking, points []stats.Point) string {
	type lead struct {
		model string
		tied  bool
	}
	var leads []lead
	var only []string
	alike, empty, partial, first := 0, 0, 0, phraseOf(rankings[0].Metric).first
	for _, r := range results.Each(rankings) {
		leaders := r.Leaders()
		if r.Metric != rankings[0].Metric {
			first = "is first"
		}
		if n := r.Ranked(); n > 1 && n < len(r.Standings) {
			partial++
		}
		switch r.Ranked() {
		case 0:
			empty++
			continue
		case 1: // and nobody beside it
			only = append(only, leaders[0].Model)
			continue
		case len(leaders): // nobody is behind them
			alike++
			continue
		}
		for _, s := range leaders {
			leads = append(leads, lead{s.Model, len(leaders) > 1})
		}
	}
	if empty == len(rankings) {
		return fmt.Sprintf("No row is placed at any of %d points%s.", empty, unplacedAll(points, rankings...))
	}
	rows := results.Grouped(leads, func(l lead) string { return l.model })
	slices.SortStableFunc(rows, func(a, b []lead) int { return len(b) - len(a) })
	var parts results.Sentences
	tied := ""
	for i, row := range rows[:min(len(rows), mostNamed)] {
		part := fmt.Sprintf("%s at %d", row[0].model, len(row))
		if i == 0 {
			part = fmt.Sprintf("%s %s at %d of %d points", row[0].model, first, len(row), len(rankings))
		}
		if with := slices.DeleteFunc(slices.Clone(row), func(l lead) bool { return !l.tied }); len(with) > 0 {
			part += ", tied"
			if len(with) < len(row) {
				part += fmt.Sprintf(" at %d of them", len(with))
			}
			tied = " Tied is with rows that cannot be told apart."
		}
		parts = append(parts, part)
	}
	if more := len(rows) - mostNamed; more > 0 {
		parts = append(parts, results.Plural(more, "further row")+" somewhere")
	}
	if alike == len(rankings) {
		return fmt.Sprintf("No two rows can be told apart at any of %d points.", alike)
	}
	for _, alone := range results.Grouped(only, func(model string) string { return model }) {
		parts = append(parts, fmt.Sprintf("only %s is placed at %d of %d", alone[0], len(alone), len(rankings)))
	}
	parts.When(alike > 0, fmt.Sprintf("no two rows can be told apart at %d of %d", alike, len(rankings)))
	parts.When(empty > 0, fmt.Sprintf("no row is placed at %d", empty))
	if rows == nil { // which would have said of what
		parts[0] += " points"
	}
	said := strings.Join(parts, "; ")
	if rows == nil {
		said = strings.ToUpper(said[:1]) + said[1:]
	}
	if partial > 0 {
		at := fmt.Sprintf("%d of the points", partial)
		if only != nil {
			at = results.Plural(partial, "further point")
		}
		tied += fmt.Sprintf(" At %s not all rows are placed.", at)
	}
	return said + "." + tied
}

// mostNamed is how many rows a sentence names that may be about all.
const mostNamed = 3

// several names a few, and counts the others.
func several(names []string) string {
	if more := len(names) - mostNamed; more > 1 {
		return fmt.Sprintf("%s and %d others", strings.Join(names[:mostNamed], ", "), more)
	}
	return Enumerate(names)
}

// unplacedAll says why no row of rankings is placed, and where that is noise what to do about it.
func unplacedAll(points []stats.Point, rankings ...stats.Ranking) string {
	var why, verdicts []string
	few := true
	for _, r := range rankings {
		for _, s := range r.Standings {
			few = few && strings.Contains(s.Why, "valid trial")
			why = append(why, s.Why)
		}
	}
	most := 0
	for i := range points {
		verdicts = append(verdicts, points[i].Verdicts...)
		most = max(most, points[i].Trials)
	}
	same := func(s string) string { return s }
	if few && most > 0 && most < stats.LeastTrials {
		return fmt.Sprintf(": a place takes %d valid trials, and no row has more than %s", stats.LeastTrials, results.Plural(most, "trial"))
	}
	if few && verdicts != nil {
		return fmt.Sprintf(": too few trials are valid (%s); connbench doctor says what disturbs them", strings.Join(results.Distinct(verdicts, same), ", "))
	}
	return ": " + Enumerate(results.Distinct(why, same))
}

// aloneVerdict is the best that was measured of rows without another beside them: the highest
// throughput of a closed loop, or the latency at the highest rate of an open one, of points that may be ranked
// if there are any.
func aloneVerdict(points []stats.Point) string {
	var best *stats.Point
	alike := 0 // points that are flagged, or not, as the best
	for _, p := range results.Each(points) {
		v, known := p.Of(results.Throughput)
		switch {
		case !known || best != nil && p.Flagged() && !best.Flagged():
			continue
		case best != nil && p.Flagged() == best.Flagged():
			alike++
			if v.Median <= best.Figures[results.Throughput].Median {
				continue
			}
		default:
			alike = 1
		}
		best = p
	}
	switch {
	case len(points) == 0:
		return "" // the document says so
	case best == nil:
		return "No trial could be measured."
	}
	said := fmt.Sprintf("%s answers %s requests/s at %s", best.Model, results.Throughput.Text(best.Figures[results.Throughput].Median), At(best.Key.Shared()))
	if p99, known := best.Of(results.P99); known {
		said += ", with a p99 of " + results.P99.Text(p99.Median)
	}
	if len(points) > 1 {
		said += fmt.Sprintf(", the most of %d points", alike)
		if alike < len(points) {
			said += fmt.Sprintf(" that may be ranked, of %d", len(points))
		}
	}
	if best.Flagged() {
		said += ", not to be ranked: " + best.Unranked()
	}
	return said + "."
}

// scaleVerdict is how many connections each row served, the most first, and at what price.
func scaleVerdict(p *read.Reading) string {
	served := map[string]*stats.Point{}
	for _, x := range results.Each(p.Points) {
		if so := served[x.Model]; allServed(x) && (so == nil || x.Clients > so.Clients) {
			served[x.Model] = x
		}
	}
	var rows []*stats.Point
	var left []string
	for _, model := range p.Run.Models {
		if x := served[model]; x != nil {
			rows = append(rows, x)
		} else {
			left = append(left, model)
		}
	}
	if rows == nil {
		return "No row has a trial in which all connections were served."
	}
	slices.SortStableFunc(rows, func(a, b *stats.Point) int { return b.Clients - a.Clients })
	named := func(x *stats.Point) string { return x.Model + eachConnection(x) }
	said := ""
	for _, same := range results.Grouped(rows[:min(len(rows), 2*mostNamed)], func(x *stats.Point) int { return x.Clients }) {
		if said == "" {
			said = "Up to " + results.Plural(same[0].Clients, "connection") + " were served by "
		} else {
			said += fmt.Sprintf("; up to %d by ", same[0].Clients)
		}
		said += Enumerate(results.Map(same, named))
	}
	if more := len(rows) - 2*mostNamed; more > 0 {
		said += "; no more by " + results.Plural(more, "further row")
	}
	if left != nil {
		said += ". No trial in which all were served: " + several(left)
	}
	return said + "."
}

// allServed reports whether each client had its answer. What disturbs a trial spoils its latency, not that.
func allServed(x *stats.Point) bool {
	return x.HasFigures() && x.Figures[results.Unserved].Median == 0 && (x.Valid > 0 || !slices.ContainsFunc(x.Verdicts, func(v string) bool {
		return !slices.Contains([]string{results.Noisy, results.ClientBound, results.NonStationary, results.MissedRate}, v)
	}))
}

// eachConnection is what connections take, in brackets: empty where that is not known.
func eachConnection(x *stats.Point) string {
	var figures []string
	if v, known := x.Of(results.P99); x.Valid == 0 {
		figures = append(figures, "no valid trial for its p99")
	} else if known {
		figures = append(figures, "p99 "+results.P99.Text(v.Median))
	}
	if v, known := x.Of(results.IdleRSS); known && v.Median < 1 {
		figures = append(figures, "each no resident memory that can be told")
	} else if known {
		figures = append(figures, "each "+results.IdleRSS.Text(v.Median)+" resident")
	}
	if v, known := x.Of(results.IdleKernel); known {
		figures = append(figures, results.IdleKernel.Text(v.Median)+" in the kernel")
	}
	if figures == nil {
		return ""
	}
	return " (" + strings.Join(figures, ", ") + ")"
}

// profilesVerdict is which rows serve the most clients, and which the fewest.
func profilesVerdict(c *read.ComparisonTable) string {
	asked := slices.DeleteFunc(slices.Clone(c.Profiles), func(p read.Profile) bool { return p.Capacity.Probes == 0 })
	said := extremes(asked, c.Goal)
	switch len(asked) {
	case 0:
		return "Of no row it is known yet how many clients it serves."
	case 1:
		said = fmt.Sprintf("%s serves %s%s.", asked[0].Model, results.Plural(asked[0].Capacity.Most, "client"), orMore(asked, c.Goal, asked[0].Capacity.Most))
	}
	if left := len(c.Profiles) - len(asked); left > 0 {
		said += fmt.Sprintf(" Of %s it is not known.", results.Plural(left, "row"))
	}
	return said
}
