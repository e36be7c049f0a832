package document

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// History is the runs of a folder, and what has changed between them.
func History(h *read.History) Document {
	past := Past(h)
	all := past.Blocks[0].Table
	if n := len(all.Rows) - mostPast; n > 0 {
		last := *all
		last.Rows = all.Rows[n:]
		past.Blocks[0].Heading += fmt.Sprintf(", the last %d", mostPast)
		past.Blocks[0].Table = &last
	}
	d := Join(past, Baselines(h))
	d.Main = all
	d.Verdict = HistoryVerdict(h)
	for i := range h.Series {
		changes := Changes(h, &h.Series[i])
		if len(h.Series) == 1 { // whose verdict is that of all
			b := &changes.Blocks[0]
			if b.Lead = b.Lead[1:]; len(b.Lead) == 0 {
				b.Lead = nil
			}
		}
		d = Join(d, changes)
	}
	if len(h.Series) > 0 {
		d.Add(Lines(HistoryMethod...))
	}
	d.Fields = []Field{
		{"dir", h.Dir}, {"runs", all}, {"baselines", some(baselinesOf(h))}, {"unread", some(results.Map(h.Unread, unread))},
		{"series", some(results.Map(h.Series, func(s read.Series) Document { return seriesData(h, &s) }))},
	}
	return d
}

// mostPast is how many of the runs people are shown in a terminal; the page, CSV and JSON have all.
const mostPast = 30

// Past is the table of the runs of a folder, the newest last, and which cannot be read.
func Past(h *read.History) Document {
	var d Document
	d.Add(Block{Heading: fmt.Sprintf("%s in %s", results.Plural(len(h.Runs), "run"), h.Dir), Table: pastTable(h)})
	if h.Unread != nil {
		d.Add(Lines(results.Map(h.Unread, func(u read.Unread) string { return "Not read: " + unread(u) })...))
	}
	return d
}

func unread(u read.Unread) string { return u.Name + ": " + u.Why }

// kindOf is the command that a run is of.
func kindOf(p *read.Past) string { return cmp.Or(p.Kind, "run") }

func pastTable(h *read.History) *Table {
	against := Column{Title: "against baseline", Name: "against", Left: true, Wrap: 15}
	if len(h.Baselines) == 0 {
		against.Only = CSV | JSON
	}
	t := &Table{Columns: []Column{
		{Title: "run", Name: "run", Left: true}, {Title: "the answer", Name: "answer", Left: true, Wrap: 30, Only: Page | CSV | JSON}, {Title: "when, UTC", Name: "created_at", Left: true, Spare: 5}, {Title: "kind", Name: "kind", Left: true, Spare: 2},
		{Title: "rows", Name: "rows", Left: true, Wrap: 12, Spare: 6}, {Name: "machine", Only: CSV | JSON},
		{Title: "commit", Name: "commit", Left: true, Spare: 3}, {Title: "trials", Spare: 4}, {Name: "trials", Only: CSV | JSON}, {Name: "trials_planned", Only: CSV | JSON},
		{Name: "baselines", Only: CSV | JSON}, against,
		{Title: "the answer", Left: true, Wrap: 20, Only: People},
	}}
	for _, p := range results.Each(h.Runs) {
		run := words(p.Name)
		if p.Page {
			run.Path = "./" + url.PathEscape(p.Name) + "/report.html"
		}
		trials := fmt.Sprint(p.Finished)
		if p.Incomplete() {
			trials += "/" + fmt.Sprint(p.Run.Planned())
		}
		names := strings.Join(namesOf(h, p.Name), ", ")
		if names != "" {
			run.Text += " = " + names
		}
		rows := fewOf(p.Run.Models, "row", strings.Join(p.Run.Models, ","))
		if p.Kind == results.TuneRun {
			rows.Text = results.Plural(len(p.Run.Models), "value")
		}
		t.add(run, words(cameTo(p, p.Answer)), Cell{Text: p.Run.CreatedAt.UTC().Format("2006-01-02 15:04"), Value: p.Run.CreatedAt.UTC().Format(time.RFC3339)}, words(kindOf(p)),
			rows, words(p.Run.Environment.Machine()), words(p.Commit()),
			Cell{Text: trials, Value: p.Finished}, count(p.Finished), count(p.Run.Planned()), Cell{Value: some(names)}, heldAgainst(h, p), words(cameTo(p, short(p.Answer))))
	}
	return t
}

// fewOf names rows, up to four, or counts them.
func fewOf(names []string, what string, value any) Cell {
	c := Cell{Text: strings.Join(names, ", "), Value: value}
	if c.Hint = c.Text; len(names) > 4 {
		c.Text = results.Plural(len(names), what)
	}
	return c
}

// cameTo is what a run came to, after what there is to know before.
func cameTo(p *read.Past, answer string) string {
	if p.Incomplete() {
		return strings.TrimSpace("Not complete. " + answer)
	}
	return answer
}

// short is a first sentence up to where it says at which point, without its end.
func short(sentences string) string {
	first, _, _ := strings.Cut(sentences, ". ")
	first, _, _ = strings.Cut(first, " at ")
	return shorten(strings.TrimSuffix(first, "."))
}

func namesOf(h *read.History, run string) []string {
	of := slices.DeleteFunc(slices.Clone(h.Baselines), func(b read.Baseline) bool { return b.Run != run })
	return results.Map(of, func(b read.Baseline) string { return b.Name })
}

// heldAgainst is what a run is against the baseline that it can be held against, or for people why there is
// none.
func heldAgainst(h *read.History, p *read.Past) Cell {
	if p.Against == nil {
		return Cell{Text: notHeld(h, p)}
	}
	outcome := p.Against.Outcome()
	c := words(p.Against.Baseline + ": " + outcome)
	var told []string
	for _, x := range results.Each(p.Against.Compared) {
		if x.Broken || x.Outcome == stats.Better || x.Outcome == stats.Worse {
			told = append(told, x.String())
		}
	}
	c.Hint = strings.Join(told, "; ")
	return c
}

// notHeld is why a run is held against no baseline.
func notHeld(h *read.History, p *read.Past) string {
	if len(namesOf(h, p.Name)) > 0 {
		return "a baseline itself"
	}
	for _, b := range h.Baselines {
		base := results.Find(h.Runs, func(p *read.Past) bool { return p.Name == b.Run })
		switch {
		case base == nil:
			continue
		case base.Kind != p.Kind:
			return b.Name + ": another command, " + kindOf(base)
		}
		serious, _ := results.Differences(&base.Run, &p.Run)
		if len(serious) == 0 {
			return b.Name + ": nothing to compare"
		}
		said := b.Name + ": another " + serious[0].What
		if more := len(serious) - 1; more > 0 {
			said += fmt.Sprintf(", and %d more", more)
		}
		return said
	}
	return none.Text
}

// Baselines are the names that runs of the folder have.
func Baselines(h *read.History) (d Document) {
	for _, b := range h.Baselines {
		if !b.Known {
			d.Add(Lines(fmt.Sprintf("baseline %s is of %s, which is not there any more: connbench baseline %[1]s RUN, or --remove", b.Name, b.Run)))
		}
	}
	if slices.ContainsFunc(h.Runs, func(p read.Past) bool { return p.Against != nil }) {
		d.Add(Lines("Against the baseline: by connbench compare, of which two runs cannot tell what the machine did between them; from three rows on what all share is undecided there, with fewer any of it may be the machine."))
	}
	return d
}

func baselinesOf(h *read.History) map[string]string {
	all := map[string]string{}
	for _, b := range h.Baselines {
		all[b.Name] = b.Run
	}
	return all
}

// HistoryMethod is how changes are found, and how often they are none.
var HistoryMethod = []string{
	"A run's figure is the median of its trials, over the geometric mean of other rows of the same run where there are any: what the machine does from run to run it does to all. For a server of yours those are rows of connbench's own, else rows that have not changed against one another.",
	"Of the changes that are named at most 5 % are none in the mean (permutation tests of normal scores, Benjamini-Hochberg over all figures of a series), if what is left of the machine comes anew in each run, and does not last over several. A step of three times the scatter in the middle of 20 runs is found 9 times in 10.",
}

// HistoryVerdict is what has changed in the only series, or in how many of them something has changed.
func HistoryVerdict(h *read.History) string {
	changed, open := 0, 0
	for _, s := range results.Each(h.Series) {
		switch {
		case len(s.Changed()) > 0:
			changed++
		case s.Tested == 0 || len(s.Runs) < s.Needed():
			open++
		}
	}
	rest := ""
	if open > 0 {
		rest = fmt.Sprintf("; of %d nothing can be told yet", open)
	}
	switch n := len(h.Series); n {
	case 0:
		return "No two runs have one plan and machine: there is no history." + lastDifference(h)
	case 1:
		return seriesVerdict(&h.Series[0])
	case open:
		return fmt.Sprintf("Nothing can be told yet of any of %d series of runs, each of one plan and machine.", n)
	default:
		return fmt.Sprintf("In %d of %d series of runs, each of one plan and machine, something changed beyond chance%s.", changed, n, rest)
	}
}

// lastDifference is in what the last two runs of a kind differ, where they do.
func lastDifference(h *read.History) string {
	n := len(h.Runs)
	if n < 2 || h.Runs[n-1].Kind != h.Runs[n-2].Kind {
		return ""
	}
	serious, _ := results.Differences(&h.Runs[n-2].Run, &h.Runs[n-1].Run)
	if len(serious) == 0 {
		return ""
	}
	return " The last two differ in " + results.JoinDifferences(serious[:min(len(serious), 3)]) + "."
}
