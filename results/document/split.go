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

// Splits are where the rows' CPU time goes: a table a point, and of a single row its parts.
func Splits(all []read.Split) Document {
	var d Document
	list, shares := &Table{Columns: splitColumns}, &Table{}
	for _, point := range results.Grouped(all, func(s read.Split) results.Key { return s.Key.Shared() }) {
		t := &Table{Columns: splitColumns}
		for i := range point {
			t.add(splitCells(&point[i])...)
		}
		list.Rows = append(list.Rows, t.Rows...)
		k := point[0].Key
		b := Block{Heading: Dotted(k.Transport(), k.Work, k.Knobs, k.Payload(), results.Plural(k.Clients, "client"), asked(k)), Table: t}
		if d.Verdict == "" {
			d.Verdict = splitAnswer(point)
		} else {
			b.Lead = []string{splitAnswer(point)}
		}
		if slices.ContainsFunc(point, func(s read.Split) bool { return s.Disturbed }) {
			b.Lines = append(b.Lines, disturbed)
		}
		for i := range point {
			for _, line := range lackings(point[i].Of) {
				if !slices.Contains(b.Lines, line) {
					b.Lines = append(b.Lines, line)
				}
			}
		}
		for i := range point {
			if text := callsOf(point[i].Of); text != "" {
				b.Lines = append(b.Lines, point[i].Key.Model+": "+text)
			}
		}
		d.Add(b)
		if len(point) == 1 { // whose parts have room
			t := sharesTable(&point[0])
			d.Add(Block{Table: t})
			shares.Columns = slices.Concat(named("model", "clients", "payload_bytes", "rate_rps"), t.Columns)
			for _, r := range t.Rows {
				shares.add(slices.Concat(values(k.Model, k.Clients, k.PayloadBytes, some(k.RateRPS)), r.Cells)...)
			}
		}
	}
	d.Add(Lines("CPU time of the server a request, of the run's valid trials where there are any, shared out by profiles; and what was done a request in these: thread switches (voluntary and not), system calls, page faults; garbage collection a second. " +
		"Interrupt work is mostly that of moving packets to the client, which Linux does inside of the server's calls."))
	d.More = "where two rows' difference comes from: connbench why RUN A B"
	d.Fields = []Field{{"verdict", d.Verdict}, {"rows", list}}
	if shares.Rows != nil {
		d.Main, d.Fields = shares, append(d.Fields, Field{"parts", shares})
	}
	return d
}

// disturbed is said where not all profiles are valid.
const disturbed = "Not all of the profiles were valid, and too few are: others had the machine meanwhile, or the load did not settle. Make them again when it is quiet."

// splitAnswer is what most of the time goes to, in how many of the rows.
func splitAnswer(point []read.Split) string {
	type largest struct {
		part        string
		rows        int
		least, most float64
	}
	var parts []*largest
	for _, s := range results.Each(point) {
		if len(s.Parts) == 0 || s.CPU == 0 {
			continue
		}
		share := 100 * s.Parts[0].NS / s.CPU
		at := slices.IndexFunc(parts, func(l *largest) bool { return l.part == s.Parts[0].Part })
		if at < 0 {
			at, parts = len(parts), append(parts, &largest{s.Parts[0].Part, 0, share, share})
		}
		l := parts[at]
		l.rows, l.least, l.most = l.rows+1, min(l.least, share), max(l.most, share)
	}
	if len(point) == 1 && len(parts) == 1 {
		return fmt.Sprintf("%s takes %s of CPU a request; the largest part is %s, %.0f %%.", point[0].Key.Model, micros(point[0].CPU), parts[0].part, parts[0].most)
	}
	slices.SortStableFunc(parts, func(a, b *largest) int { return b.rows - a.rows })
	var said []string
	for _, l := range parts {
		text := fmt.Sprintf("%s in %d of %s (%.0f %%", l.part, l.rows, results.Plural(len(point), "row"), l.least)
		if l.rows > 1 {
			text = strings.TrimSuffix(text, " %") + fmt.Sprintf(" to %.0f %%", l.most)
		}
		said = append(said, text+")")
	}
	if said == nil {
		return "Where the time goes is not known."
	}
	return "Of the parts of the server's CPU time that profiles tell apart the largest at " + At(point[0].Key) + " is " + Enumerate(said) + "."
}

var splitColumns = []Column{
	{Title: "model", Name: "model", Left: true, Names: true},
	{Name: "clients", Only: CSV | JSON}, {Name: "payload_bytes", Only: CSV | JSON}, {Name: "rate_rps", Only: CSV | JSON},
	{Title: "CPU/req", Name: "cpu_ns"}, {Title: "user", Name: "user_ns"}, {Title: "system", Name: "system_ns"}, {Title: "interrupt", Name: "interrupt_ns", Spare: 1},
	{Title: "switches", Only: People | Page}, {Name: "voluntary_switches", Only: CSV | JSON}, {Name: "involuntary_switches", Only: CSV | JSON},
	{Title: "calls", Name: "system_calls"}, {Title: "faults", Name: "page_faults", Spare: 3},
	{Title: "GC/s", Name: "gc_cycles_per_second", Spare: 2}, {Name: "gc_pause_ns_per_second", Only: CSV | JSON},
}

func splitCells(s *read.Split) []Cell {
	time := func(v *float64) Cell { return optional(v, micros) }
	switches := Cell{}
	if s.Voluntary != nil && s.Involuntary != nil {
		switches.Text = times(*s.Voluntary) + " + " + times(*s.Involuntary)
	}
	return []Cell{
		words(s.Key.Model), {Value: s.Key.Clients}, {Value: s.Key.PayloadBytes}, {Value: some(s.Key.RateRPS)},
		ns(s.CPU), time(s.User), time(s.System), time(s.Interrupt),
		switches, optional(s.Voluntary, times), optional(s.Involuntary, times),
		optional(s.SystemCalls, times), optional(s.Faults, times), optional(s.GCCycles, times), optional(s.GCPauseNS, times),
	}
}

// optional is a dash of what is not known.
func optional(v *float64, write func(float64) string) Cell {
	if v == nil {
		return none
	}
	return Cell{Text: write(*v), Value: *v}
}

func sharesTable(s *read.Split) *Table {
	t := &Table{Columns: []Column{{Title: "part", Name: "part", Left: true, Names: true, Wrap: 24}, {Title: "CPU/req", Name: "ns"}, {Title: "share", Name: "share"}, {Title: "times a request", Name: "times"}}}
	for _, x := range s.Parts {
		share := x.NS / s.CPU
		if share < 0.005 {
			continue
		}
		each := Cell{}
		if x.Each != nil {
			each = Cell{Text: times(*x.Each), Value: *x.Each}
		}
		t.add(words(x.Part), ns(x.NS), Cell{Text: fmt.Sprintf("%.1f %%", 100*share), Value: share}, each)
	}
	return t
}

// lackings are why there is nothing better than what profiles have.
func lackings(of []read.Spent) (why []string) {
	for _, s := range of {
		for _, text := range []string{s.CPUProfile.Lacking, s.CPUProfile.CallsLacking} {
			if line := "Lacking: " + text + "."; text != "" && !slices.Contains(why, line) {
				why = append(why, line)
			}
		}
	}
	return why
}

// callsOf are the system calls of a row, the most frequent first.
func callsOf(of []read.Spent) (text string) {
	const most, rare = 6, 0.01
	sum, requests, wakeups, partial, lost := map[string]*results.Call{}, int64(0), 0.0, false, int64(0)
	for _, s := range of {
		if s.CPUProfile.Calls == nil {
			continue
		}
		requests += s.CPUProfile.CallRequests
		lost += s.CPUProfile.Calls.Lost
		partial = partial || s.CPUProfile.Calls.Partial
		if n := s.CPUProfile.Calls.Wakeups; n != nil {
			wakeups += float64(*n)
		}
		for _, c := range s.CPUProfile.Calls.Each {
			if sum[c.Name] == nil {
				sum[c.Name] = &results.Call{Name: c.Name}
			}
			to := sum[c.Name]
			to.Count, to.Again, to.Bytes, to.Events = to.Count+c.Count, to.Again+c.Again, to.Bytes+c.Bytes, to.Events+c.Events
		}
	}
	var all []*results.Call
	for _, c := range sum {
		if float64(c.Count) >= rare*float64(requests) {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b *results.Call) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name))
	})
	said := results.Map(all[:min(most, len(all))], func(c *results.Call) string { return callWords(c, requests, partial) })
	if len(said) == 0 {
		return ""
	}
	text = "system calls a request"
	if partial {
		text += ", of reads and writes alone, which /proc counts"
	}
	text += ": " + strings.Join(said, ", ")
	if wakeups > 0.001*float64(requests) {
		text += fmt.Sprintf("; it woke threads of its own %s times a request", times(wakeups/float64(requests)))
	}
	if lost > 0 {
		text += fmt.Sprintf("; %s of the kernel could not be recorded, so that these are too few", results.Plural(int(lost), "event"))
	}
	return text
}

func callWords(c *results.Call, requests int64, partial bool) string {
	text := fmt.Sprintf("%s %s", times(float64(c.Count)/float64(requests)), c.Name)
	var more []string
	if came := c.Count - c.Again; c.Bytes > 0 && came > 0 && !partial {
		more = append(more, results.Bytes(c.Bytes/came)+" each")
	}
	if came := c.Count - c.Again; c.Events > 0 && came > 0 {
		more = append(more, events(float64(c.Events)/float64(came)))
	}
	if share := float64(c.Again) / float64(c.Count); share >= 0.01 {
		more = append(more, fmt.Sprintf("%.0f %% found nothing", 100*share))
	}
	if more != nil {
		text += " (" + strings.Join(more, ", ") + ")"
	}
	return text
}

func events(n float64) string {
	if text := times(n); text != "1" {
		return text + " events each"
	}
	return "one event each"
}

func times(n float64) string {
	switch {
	case n > 0 && n < 0.001:
		return "<0.001"
	case n >= 10:
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprintf("%.2g", n)
}

func micros(ns float64) string {
	digits := 2
	if math.Abs(ns) >= 99_950 {
		digits = 1
	}
	return fmt.Sprintf("%.*f µs", digits, ns/1e3)
}
