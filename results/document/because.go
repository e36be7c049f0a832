package document

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// Because is where the difference of two rows of the run in a folder comes from, point by point; left are the
// points at which the run does not compare them.
func Because(all []read.Because, left []read.Uncompared, dir string) Document {
	var d Document
	var points []Document
	main := &Table{}
	for _, b := range results.Each(all) {
		t := causesTable(b, b.Causes, b.Unexplained, len(b.Causes))
		block := Block{Heading: becauseHeading(b), Table: t, Lines: becauseLines(b)}
		if len(all) > 1 {
			block.Lead = []string{because(b)}
		}
		d.Add(block)
		found := becauseData(b, t)
		if b.Functions != nil {
			functions := causesTable(b, b.Functions, unnamed(b), mostFunctions)
			d.Add(Block{Lead: []string{"The same by functions of the program, as its interpreter sees it; what the kernel does for a function counts for it:"}, Table: functions})
			found.Fields = append(found.Fields, Field{"functions", functions})
		}
		points = append(points, found)
		main.Columns = slices.Concat(named("model_a", "model_b", "clients", "payload_bytes", "rate_rps"), t.Columns)
		for _, r := range t.Rows {
			r.Cells = slices.Concat(values(b.A.Model, b.B.Model, b.A.Clients, b.A.PayloadBytes, some(b.A.RateRPS)), r.Cells)
			main.Rows = append(main.Rows, r)
		}
	}
	for _, k := range left {
		d.Add(Lines(fmt.Sprintf("Not compared at %s: %s.", At(k.Key), k.Why)))
	}
	d.Add(Lines("A part is the share of CPU samples whose stacks are in it, of the CPU time a request in the run's trials; its interval, by Student's t over pairs of profiles, holds with 95 % by itself. " +
		"System calls are counted in the warm-up, in which the CPU time is not taken."))
	d.Verdict, d.Main = becauseVerdict(all), main
	d.Fields = []Field{{"verdict", d.Verdict}, {"points", points}}
	d.More = "connbench report " + dir
	if file := all[0].Of[0][0].CPUProfile.File; file != "" {
		d.More += fmt.Sprintf(", which draws flame graphs; go tool pprof -http=: %s/%s", strings.TrimSuffix(dir, "/"), file)
	}
	return d
}

// becauseVerdict is the difference at the only point, or at how many it is which.
func becauseVerdict(all []read.Because) string {
	if len(all) == 1 {
		return because(&all[0])
	}
	n := map[stats.Outcome]int{}
	for i := range all {
		n[all[i].Outcome]++
	}
	var said results.Sentences
	for _, at := range []struct {
		outcome stats.Outcome
		word    string
	}{{stats.Worse, "more"}, {stats.Better, "less"}} {
		said.When(n[at.outcome] > 0, fmt.Sprintf("%s CPU a request than %s at %d of %s", at.word, all[0].B.Model, n[at.outcome], results.Plural(len(all), "point")))
	}
	same := n[stats.NoDifference] + n[stats.Undecided]
	switch {
	case said == nil:
		return fmt.Sprintf("%s and %s cannot be told apart by their CPU time a request at any of %s.", all[0].A.Model, all[0].B.Model, results.Plural(len(all), "point"))
	case same > 0:
		return fmt.Sprintf("%s takes %s; at %d they cannot be told apart.", all[0].A.Model, strings.Join(said, ", and "), same)
	}
	return fmt.Sprintf("%s takes %s.", all[0].A.Model, strings.Join(said, ", and "))
}

func becauseHeading(b *read.Because) string {
	k := b.A
	return Dotted(b.A.Model+" against "+b.B.Model, k.Transport(), k.Work, k.Knobs, k.Payload(), results.Plural(k.Clients, "client"), asked(k))
}

const (
	mostCauses    = 6 // that are said in words
	mostFunctions = 10
	smallCause    = 0.04 // of the difference; below it one is not said
	sameCount     = 0.05 // calls a request
)

// because is the difference in a sentence, by its causes.
func because(b *read.Because) string {
	x, y := micros(b.Took[0]), micros(b.Took[1])
	switch b.Outcome {
	case stats.NoDifference:
		return fmt.Sprintf("%s and %s take about the same CPU time a request, %s and %s: there is nothing to explain.", b.A.Model, b.B.Model, x, y)
	case stats.Undecided:
		why := "which the trials cannot tell apart"
		if !b.Difference.Bounded() {
			why = "of too few valid trials to tell them apart"
		}
		return fmt.Sprintf("%s takes %s of CPU a request and %s %s, %s: the parts below may be chance.", b.A.Model, x, b.B.Model, y, why)
	}
	difference, word := b.Difference.Estimate, "more"
	if difference < 0 {
		word = "less"
	}
	said := fmt.Sprintf("%s takes %s %s CPU a request than %s (%s, not %s)", b.A.Model, micros(math.Abs(difference)), word, b.B.Model, x, y)
	var with, against []string
	rest, n := difference-b.Unexplained, len(b.Causes)
	for _, c := range results.Each(b.Causes) {
		part, list := c.Difference.Estimate/difference, &with
		if part < 0 {
			list = &against
		}
		if math.Abs(part) < smallCause || len(*list) == mostCauses || c.Difference.Overlaps(0, 0) {
			continue
		}
		*list = append(*list, causeWords(c, c.Difference.Estimate > 0))
		rest, n = rest-c.Difference.Estimate, n-1
	}
	if len(with) > 0 {
		said += ": " + strings.Join(with, ", ")
	}
	if len(against) > 0 {
		said += "; against that, " + strings.Join(against, ", ")
	}
	if math.Abs(rest) >= smallCause*math.Abs(difference) {
		said += fmt.Sprintf("; %s in %d parts that are smaller or may be chance", signedMicros(rest), n)
	}
	said += fmt.Sprintf(". Unexplained: %s (%.0f %%).", micros(math.Abs(b.Unexplained)), 100*math.Abs(b.Unexplained/difference))
	if math.Abs(b.Doubt) >= smallCause*math.Abs(difference) {
		said += fmt.Sprintf(" But in the profiles the difference was another, by %s beyond chance: make them again on a quiet machine.", micros(math.Abs(b.Doubt)))
	}
	return said
}

// causeWords is a cause in words: how much more or less of what, and what that takes.
func causeWords(c *read.Cause, more bool) string {
	word, took := "more", micros(math.Abs(c.Difference.Estimate))
	if !more {
		word = "less"
	}
	what := read.Counted(c.Part)
	if c.AEach == nil || c.BEach == nil || what == "" {
		return fmt.Sprintf("%s (%s %s)", c.Part, took, word)
	}
	n := *c.AEach - *c.BEach
	switch {
	case math.Abs(n) < sameCount:
		return fmt.Sprintf("%s (%s %s, with as many)", c.Part, took, word)
	case n > 0 != more:
		return fmt.Sprintf("%s (%s %s, though with %s)", c.Part, took, word, moreOf(n, what))
	}
	return fmt.Sprintf("%s, with %s (%s)", c.Part, moreOf(n, what), took)
}

// moreOf is how many more or fewer, before what they are.
func moreOf(n float64, what string) string {
	word := "more"
	if n < 0 {
		word = "fewer"
	}
	count := times(math.Abs(n))
	if count == "1" {
		return "one " + word + " " + what
	}
	if strings.HasSuffix(what, "h") {
		what += "e"
	}
	return count + " " + word + " " + what + "s"
}

// unnamed is what no function has of the difference.
func unnamed(b *read.Because) float64 {
	left := b.Difference.Estimate
	for i := range b.Functions {
		left -= b.Functions[i].Difference.Estimate
	}
	return left
}

// causesTable has all causes that are not far below what can be told.
func causesTable(b *read.Because, causes []read.Cause, unexplained float64, most int) *Table {
	t := &Table{Columns: []Column{
		{Title: "part", Name: "part", Left: true, Names: true, Wrap: 24},
		{Title: b.A.Model, Name: "a_ns"}, {Title: b.B.Model, Name: "b_ns"},
		{Title: "difference", Name: "difference_ns"}, {Title: "95 %", Left: true, Spare: 1},
		{Name: "difference_low_ns", Only: JSON | CSV}, {Name: "difference_high_ns", Only: JSON | CSV},
		{Title: "times a request", Name: "times", Left: true, Spare: 2, Only: People | Page},
		{Name: "a_times", Only: JSON | CSV}, {Name: "b_times", Only: JSON | CSV},
	}}
	rest, n := [3]float64{}, 0
	for i, c := range results.Each(causes) {
		if i >= most || negligible(b, c) {
			rest[0], rest[1], rest[2], n = rest[0]+c.A, rest[1]+c.B, rest[2]+c.Difference.Estimate, n+1
			continue
		}
		t.add(causeCells(c)...)
	}
	if n > 0 {
		t.add(causeCells(&read.Cause{Part: results.Plural(n, "small part"), A: rest[0], B: rest[1], Difference: stats.Unbounded(rest[2])})...)
	}
	t.add(Cell{Text: "not explained", Value: "unexplained"}, none, none, signed(unexplained), Cell{}, Cell{}, Cell{}, Cell{}, Cell{}, Cell{})
	t.Rows[len(t.Rows)-1].Break = true
	whole := causeCells(&read.Cause{Part: "in all", A: b.Took[0], B: b.Took[1], Difference: b.Difference})
	whole[0].Value = "all"
	t.add(whole...)
	return t
}

// negligible is a cause that is no hundredth of the difference, and little of the rows' time.
func negligible(b *read.Because, c *read.Cause) bool {
	const little, much = 0.01, 0.1
	part := max(c.A, c.B) / b.Took[1]
	return math.Abs(c.Difference.Estimate) < little*math.Abs(b.Difference.Estimate) && part < much || part < little/2
}

func ns(v float64) Cell     { return Cell{Text: micros(v), Value: picos(v)} }
func signed(v float64) Cell { return Cell{Text: signedMicros(v), Value: picos(v)} }

// picos is a time in nanoseconds for programs, to a picosecond; nil for one that is endless.
func picos(ns float64) any {
	const digits = 1e3
	return finitely(math.Round(ns*digits)/digits + 0) // which is no negative zero
}

func signedMicros(v float64) string {
	text := micros(v)
	if v >= 0 || strings.TrimLeft(text, "-0. µs") == "" {
		text = "+" + strings.TrimPrefix(text, "-")
	}
	return strings.Replace(text, "-", "−", 1)
}

func causeCells(c *read.Cause) []Cell {
	cells := []Cell{{Text: c.Part, Value: c.Part}, ns(c.A), ns(c.B), signed(c.Difference.Estimate)}
	i := c.Difference
	cells = append(cells, Cell{Text: bounds(i)}, Cell{Value: picos(i.Low)}, Cell{Value: picos(i.High)})
	if c.AEach == nil || c.BEach == nil {
		return append(cells, Cell{}, Cell{}, Cell{})
	}
	return append(cells, Cell{Text: times(*c.AEach) + " / " + times(*c.BEach)}, Cell{Value: *c.AEach}, Cell{Value: *c.BEach})
}

func bounds(i stats.Interval) string {
	if !i.Bounded() {
		return ""
	}
	return i.Bounds(signedMicros)
}

// becauseLines are what else is known: what the calls moved, and how it was found.
func becauseLines(b *read.Because) (lines results.Sentences) {
	for side, k := range []results.Key{b.A, b.B} {
		if text := callsOf(b.Of[side]); text != "" {
			lines = append(lines, k.Model+": "+text)
		}
	}
	lines.When(!math.IsNaN(b.User) && b.User != 0, fmt.Sprintf("Of the difference %s are outside of the kernel, %s inside.", signedMicros(b.User), signedMicros(b.Difference.Estimate-b.User)))
	how := fmt.Sprintf("By %s of profiles, in which %s took %s times what %s took", results.Plural(b.Pairs, "pair"), b.A.Model, results.Ratio(b.Profiled.Estimate), b.B.Model)
	if b.Profiled.Bounded() {
		how += " (" + b.Profiled.Bounds(results.Ratio) + ")"
	}
	how += fmt.Sprintf(", and %s times in the run", results.Ratio(b.Took[0]/b.Took[1]))
	lines = append(lines, how+".")
	lines.When(b.Disturbed, disturbed)
	return append(lines, lackings(slices.Concat(b.Of[0], b.Of[1]))...)
}

func becauseData(b *read.Because, t *Table) Document {
	var d Document
	k := b.A
	d.Fields = []Field{{"a", b.A.Model}, {"b", b.B.Model}, {"clients", k.Clients}, {"payload_bytes", k.PayloadBytes}, {"rate_rps", some(k.RateRPS)},
		{"a_cpu_ns_per_request", picos(b.Took[0])}, {"b_cpu_ns_per_request", picos(b.Took[1])},
		{"difference_ns", picos(b.Difference.Estimate)}, {"difference_low_ns", picos(b.Difference.Low)}, {"difference_high_ns", picos(b.Difference.High)}, {"outcome", b.Outcome}, {"unexplained_ns", picos(b.Unexplained)}, {"doubt_ns", picos(b.Doubt)}, {"explained", finitely(b.Explained())},
		{"user_difference_ns", picos(b.User)}, {"profiles", b.Pairs}, {"parts", t}}
	return d
}
