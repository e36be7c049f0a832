package document

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/read"
)

// saidClients is from how many to how many clients the tutorial's words are taken for.
var saidClients = map[string][2]int{
	"hundreds":          {100, 999},
	"thousands":         {1000, 9999},
	"tens of thousands": {10_000, 99_999},
}

// against is what became of a row beside what the tutorial says of it.
type against int

const (
	asSaid against = iota
	more
	fewer
	notDecided // fewer so far, and what stopped it was not its own limit
)

func compareWithSaid(c *read.Capacity, goal read.Goal, from, to int) against {
	switch {
	case c.Clients > to:
		return more
	case c.Clients >= from:
		return asSaid
	case limited(c, goal):
		return notDecided
	}
	return fewer
}

// factor is how many times more or fewer clients a row serves than said, 1 if as said.
func factor(clients, from, to int) float64 {
	switch {
	case clients > to:
		return float64(clients) / float64(to+1)
	case clients < from:
		return float64(from) / math.Max(1, float64(clients))
	}
	return 1
}

// ProfilesAnswer says, once it is known, how many clients the rows serve of which the tutorial says a number,
// those that differ most from it first, and which of all serves the most and the fewest.
func ProfilesAnswer(c *read.ComparisonTable) []string {
	type family struct {
		words    string
		profiles []*read.Profile
		surprise float64
	}
	var families []*family
	for i := range c.Profiles {
		p := &c.Profiles[i]
		words := c.Words[p.Model].Clients
		span, known := saidClients[words]
		if !known || p.Capacity.Probes == 0 {
			continue
		}
		at := slices.IndexFunc(families, func(f *family) bool { return f.words == words })
		if at < 0 {
			at, families = len(families), append(families, &family{words: words})
		}
		f := families[at]
		f.profiles = append(f.profiles, p)
		if compareWithSaid(&p.Capacity, c.Goal, span[0], span[1]) != notDecided {
			f.surprise = max(f.surprise, factor(p.Capacity.Clients, span[0], span[1]))
		}
	}
	slices.SortStableFunc(families, func(a, b *family) int { return cmp.Compare(b.surprise, a.surprise) })
	var sentences []string
	for _, f := range families {
		sentences = append(sentences, familySentence(c.Goal, f.words, f.profiles))
	}
	if s := extremes(c.Profiles); s != "" {
		sentences = append(sentences, s)
	}
	return sentences
}

// familySentence is on the rows of which the tutorial says the same.
func familySentence(goal read.Goal, words string, profiles []*read.Profile) string {
	profiles = slices.Clone(profiles)
	slices.SortStableFunc(profiles, func(a, b *read.Profile) int { return cmp.Compare(b.Capacity.Clients, a.Capacity.Clients) })
	span := saidClients[words]
	groups := map[against][]string{}
	furthest := 1.0
	for _, p := range profiles {
		how := compareWithSaid(&p.Capacity, goal, span[0], span[1])
		groups[how] = append(groups[how], p.Model+" ("+clientsOf(&p.Capacity, goal, how)+")")
		if how == more {
			furthest = max(furthest, factor(p.Capacity.Clients, span[0], span[1]))
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
	return "The tutorial says “" + words + "” of clients: " + strings.Join(parts, "; ") + "."
}

// clientsOf is how many a row serves, and what keeps it from more if that is the point.
func clientsOf(c *read.Capacity, goal read.Goal, how against) string {
	n := results.Count(float64(c.Clients))
	switch {
	case how == notDecided:
		return n + " so far: " + boundBy(c)
	case how == fewer:
		return n + ", " + boundBy(c)
	case limited(c, goal):
		return n + " or more"
	}
	return n
}

// boundText says what keeps a row from more clients.
func boundBy(c *read.Capacity) string {
	if c.Bound == read.BoundSearch {
		return "the search went no further"
	}
	return "bound by " + c.BoundText()
}

// extremes says which rows serve the most and the fewest clients.
func extremes(profiles []read.Profile) string {
	profiles = slices.DeleteFunc(slices.Clone(profiles), func(p read.Profile) bool { return p.Capacity.Probes == 0 })
	if len(profiles) < 2 {
		return ""
	}
	by := func(a, b read.Profile) int { return cmp.Compare(a.Capacity.Clients, b.Capacity.Clients) }
	most, least := slices.MaxFunc(profiles, by).Capacity.Clients, slices.MinFunc(profiles, by).Capacity.Clients
	if most == least {
		return fmt.Sprintf("All %d rows serve %s.", len(profiles), results.Plural(most, "client"))
	}
	return fmt.Sprintf("Of all %d rows, %s the most clients, %s; %s the fewest, %s.", len(profiles),
		serving(profiles, most), results.Count(float64(most)), serving(profiles, least), results.Count(float64(least)))
}

// serving names the rows with so many clients.
func serving(profiles []read.Profile, clients int) string {
	var names []string
	for i := range profiles {
		if profiles[i].Capacity.Clients == clients {
			names = append(names, profiles[i].Model)
		}
	}
	switch n := len(names); {
	case n == 1:
		return names[0] + " serves"
	case n > 4:
		return fmt.Sprintf("%s and %d others serve", strings.Join(names[:3], ", "), n-3)
	}
	return Enumerate(names) + " serve"
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
	{read.BoundClient, "the client was the limit, not the server"},
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

// limited reports whether what binds a row is not its own limit, so that it may serve more
// elsewhere. Of descriptors it is the machine's where a process may not have more of them.
func limited(c *read.Capacity, goal read.Goal) bool {
	switch c.Bound {
	case read.BoundSearch, read.BoundPorts, read.BoundMemory, read.BoundClient, read.BoundFailure, read.BoundIdle:
		return true
	case read.BoundDescriptors:
		return goal.OpenFiles > 0 && uint64(max(c.Clients, c.At))+results.SpareDescriptors >= goal.OpenFiles
	}
	return false
}
