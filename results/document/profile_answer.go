package document

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/read"
)

// against is what became of a row beside what the tutorial says of it.
type against int

const (
	asSaid against = iota
	more
	fewer
	notDecided // fewer so far, and what stopped it was not its own limit; or as far as is known either
)

func compareWithSaid(c *read.Capacity, goal read.Goal, said *read.Magnitude) against {
	open := func(boundary float64) bool { return c.Estimated() && c.Within.Overlaps(boundary, boundary) }
	switch n := float64(c.Most); {
	case open(said.From) || open(said.Below):
		return notDecided
	case n >= said.Below:
		return more
	case n >= said.From:
		return asSaid
	case goal.Limits(c):
		return notDecided
	}
	return fewer
}

// factor is how many times more or fewer clients a row serves than said, 1 if as said.
func factor(clients int, said *read.Magnitude) float64 {
	n := max(1, float64(clients))
	return max(1, n/said.Below, said.From/n)
}

// ProfilesAnswer says, once it is known, how many clients the rows serve of which the tutorial says a number,
// those that differ most from it first, and which of all serves the most and the fewest.
func ProfilesAnswer(c *read.ComparisonTable) []string {
	said := slices.DeleteFunc(slices.Clone(c.Profiles), func(p read.Profile) bool { return c.Said(p.Model) == nil || p.Capacity.Probes == 0 })
	families := results.Grouped(said, func(p read.Profile) *read.Magnitude { return c.Said(p.Model) })
	surprise := func(family []read.Profile) float64 {
		most := 0.0
		for i := range family {
			if k, said := &family[i].Capacity, c.Said(family[i].Model); compareWithSaid(k, c.Goal, said) != notDecided {
				most = max(most, factor(k.Most, said))
			}
		}
		return most
	}
	slices.SortStableFunc(families, func(a, b []read.Profile) int { return cmp.Compare(surprise(b), surprise(a)) })
	sentences := results.Map(families, func(family []read.Profile) string { return familySentence(c.Goal, c.Said(family[0].Model), family) })
	if s := extremes(c.Profiles, c.Goal); s != "" {
		sentences = append(sentences, s)
	}
	return sentences
}

func familySentence(goal read.Goal, said *read.Magnitude, profiles []read.Profile) string {
	slices.SortStableFunc(profiles, func(a, b read.Profile) int { return cmp.Compare(b.Capacity.Most, a.Capacity.Most) })
	groups := map[against][]string{}
	furthest := 1.0
	for _, p := range profiles {
		how := compareWithSaid(&p.Capacity, goal, said)
		groups[how] = append(groups[how], p.Model+" ("+clientsOf(&p.Capacity, goal, how)+")")
		if how == more {
			furthest = max(furthest, factor(p.Capacity.Most, said))
		}
	}
	var parts []string
	for _, g := range []struct {
		against
		one, several string
	}{
		{more, "serves more", "serve more"},
		{fewer, "serves fewer", "serve fewer"},
		{asSaid, "serves as many", "serve as many"},
	} {
		names := groups[g.against]
		if len(names) == 0 {
			continue
		}
		part := Enumerate(names) + " " + g.several
		if len(names) == 1 {
			part = names[0] + " " + g.one
		}
		if g.against == more && furthest >= 2 {
			part += fmt.Sprintf(", up to %.1f times as many as that can mean", furthest)
		}
		parts = append(parts, part)
	}
	if open := groups[notDecided]; open != nil {
		parts = append(parts, "it stays open for "+Enumerate(open))
	}
	return "The tutorial says “" + said.Word + "” of clients: " + strings.Join(parts, "; ") + "."
}

// clientsOf is how many a row serves, and what keeps it from more if that is the point.
func clientsOf(c *read.Capacity, goal read.Goal, how against) string {
	n := results.Count(float64(c.Most))
	switch {
	case how == notDecided && c.Estimated():
		return n + ", with 95 % " + within95(c)
	case how == notDecided:
		return n + " so far: " + boundBy(c)
	case how == fewer:
		return n + ", " + boundBy(c)
	case goal.Limits(c):
		return n + " or more"
	}
	return n
}

func boundBy(c *read.Capacity) string {
	if c.Bound == read.BoundSearch {
		return "the search went no further"
	}
	return "bound by " + c.BoundText()
}

// extremes says which rows serve the most and the fewest clients.
func extremes(profiles []read.Profile, goal read.Goal) string {
	profiles = slices.DeleteFunc(slices.Clone(profiles), func(p read.Profile) bool { return p.Capacity.Probes == 0 })
	if len(profiles) < 2 {
		return ""
	}
	clients := results.Map(profiles, func(p read.Profile) int { return p.Capacity.Most })
	most, least := slices.Max(clients), slices.Min(clients)
	if most == least {
		return fmt.Sprintf("All %d rows serve %s%s.", len(profiles), results.Plural(most, "client"), orMore(profiles, goal, most))
	}
	fewest := serving(profiles, least) + " the fewest, " + results.Count(float64(least))
	if open := orMore(profiles, goal, least); open != "" {
		fewest = "which serves the fewest stays open, " + serving(profiles, least) + " " + results.Count(float64(least)) + open
	}
	return fmt.Sprintf("Of all %d rows, %s the most clients, %s%s; %s.", len(profiles),
		serving(profiles, most), results.Count(float64(most)), orMore(profiles, goal, most), fewest)
}

// orMore says so of rows of which one that serves so many was not stopped by a limit of its own, as the
// table does not of a row that serves none.
func orMore(profiles []read.Profile, goal read.Goal, clients int) string {
	if clients > 0 && slices.ContainsFunc(profiles, func(p read.Profile) bool { return p.Capacity.Most == clients && goal.Limits(&p.Capacity) }) {
		return " or more"
	}
	return ""
}

func serving(profiles []read.Profile, clients int) string {
	profiles = slices.DeleteFunc(slices.Clone(profiles), func(p read.Profile) bool { return p.Capacity.Most != clients })
	names := results.Map(profiles, func(p read.Profile) string { return p.Model })
	if len(names) == 1 {
		return names[0] + " serves"
	}
	return several(names) + " serve"
}

var boundMeanings = []struct {
	read.Bound
	meaning string
}{
	{read.BoundLatency, "the 99th percentile of the response went over the limit, or the rate asked for was not reached"},
	{read.BoundErrors, "more than 0.1 % of the requests failed"},
	{read.BoundLost, "the server ended connections between requests"},
	{read.BoundIdle, "no request came to an end: nothing was measured"},
	{read.BoundWorkers, "there were clients that nobody served: all workers had one"},
	{read.BoundThreads, "the server could start no more threads"},
	{read.BoundDescriptors, "a process could have no more open files, as many as the machine allows or the row itself can do with"},
	{read.BoundMemory, "the system had no memory left"},
	{read.BoundPorts, "the client had no ports left: the machine's limit, not the row's"},
	{read.BoundClient, "the client was the limit, not the server: it sent late"},
	{read.BoundFailure, "the trial came to no figures"},
	{read.BoundSearch, "the search was told to go no further"},
}

// Bounds are lines on what binds any of the rows.
func Bounds(profiles []read.Profile) []string {
	var lines []string
	for _, b := range boundMeanings {
		if slices.ContainsFunc(profiles, func(p read.Profile) bool { return p.Capacity.Probes > 0 && p.Capacity.Bound == b.Bound }) {
			lines = append(lines, string(b.Bound)+": "+b.meaning)
		}
	}
	return lines
}

// Answered says what rows have answered to a question, those with the most first; or at -1 what
// their throughput is.
func Answered(c *read.ComparisonTable, question int) string {
	what := "requests/s of a CPU"
	of := func(p *read.Profile) (value float64, text string) {
		if p.PerCore == nil {
			return 0, ""
		}
		return p.PerCore.Estimate, results.Count(p.PerCore.Estimate)
	}
	if question >= 0 {
		what = strings.ReplaceAll(asks(c.Questions[question]), "\n", " ")
		of = func(p *read.Profile) (value float64, text string) {
			a := &p.Answers[question]
			return float64(a.Most), atLeast(a, c.Goal)
		}
	}
	profiles := slices.DeleteFunc(slices.Clone(c.Profiles), func(p read.Profile) bool { value, _ := of(&p); return value == 0 })
	slices.SortStableFunc(profiles, func(a, b read.Profile) int {
		first, _ := of(&a)
		second, _ := of(&b)
		return cmp.Compare(second, first)
	})
	rows := results.Map(profiles, func(p read.Profile) string { _, text := of(&p); return p.Model + " " + text })
	if len(rows) == 0 {
		return what + ": of no row"
	}
	return what + ": " + strings.Join(rows, ", ")
}
