package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/document"
	"connbench/results/read"
	"connbench/results/stats"
)

// tableContent is what the page of a comparison table has.
type tableContent struct {
	Answer   []string
	Served   string // what it is to be served
	Filters  filters
	Table    table
	Bounds   []string // what keeps rows from more clients
	Meanings meanings
	Figures  []drawing
}

// SaveTable writes the report of a comparison table into the run's folder, as [SaveRun]
// does: how many clients the tutorial's rows really serve in sentences, the table with the
// tutorial's words beside what was measured, figures, and below each row the trials that
// it rests on.
func SaveTable(dir string, run *results.Run, trials []results.Trial, c *read.ComparisonTable, order look.Order, figures []look.Figure) (string, error) {
	return newTablePage(run, trials, c, order, figures).save(dir, tableKind)
}

func newTablePage(run *results.Run, trials []results.Trial, c *read.ComparisonTable, order look.Order, figures []look.Figure) *page {
	f := newFrame(run, "the comparison table, "+results.Plural(len(c.Profiles), "row"), stats.Summarize(trials, run.Models))
	f.Notices = tableNotices(run, c.Profiles)
	p := &profilePage{ComparisonTable: c, records: map[string][]*record{}}
	records := recordsOf(trials)
	for i := range records {
		p.records[records[i].Model] = append(p.records[records[i].Model], &records[i])
	}
	models := make([]string, len(c.Profiles))
	for i := range c.Profiles {
		models[i] = c.Profiles[i].Model
	}
	slices.SortStableFunc(models, order.Compare)
	for _, column := range probeColumns {
		f.Data.Columns = append(f.Data.Columns, column.title)
	}
	for i := range c.Profiles {
		f.Data.Points = append(f.Data.Points, p.data(&c.Profiles[i]))
	}
	f.Data.Tables["profiles"] = [2]int{0, len(probeColumns)}
	f.Data.explain(trials)
	content := tableContent{
		Answer:  document.ProfilesAnswer(c),
		Served:  servedMeans(c),
		Filters: filters{Legend: "Rows"},
		Table:   p.table(),
		Bounds:  document.Bounds(c.Profiles),
		Figures: drawings(figures),
	}
	for _, m := range models {
		content.Filters.Models = append(content.Filters.Models, rowName{m, m})
	}
	content.Meanings = meanings{Verdicts: verdictsIn(trials)}
	f.Content = content
	f.Sections = sectionsWith(figures)
	return f
}

// tableNotices are what a reader must know before anything else.
func tableNotices(run *results.Run, profiles []read.Profile) []string {
	var all, missing []string
	for i := range profiles {
		if profiles[i].Capacity.Probes == 0 {
			missing = append(missing, profiles[i].Model)
		}
	}
	if missing != nil {
		all = append(all, "This run is not complete: no capacity was looked for of "+document.Enumerate(missing)+".")
	}
	return append(all, here(run)...)
}

func servedMeans(c *read.ComparisonTable) string {
	return fmt.Sprintf("Max clients is the most of which all are connected and served, with a 99th percentile of the response within %v "+
		"at %s a second of each and errors under 0.1 %%, found to within %.0f %%. Requests a second of a CPU are at saturation by %s, p99 at half is the 99th percentile "+
		"at half of the throughput there.", c.Goal.P99, document.Requests(c.ClientRate), 100*read.CapacityResolution, results.Plural(c.Saturating, "client"))
}

// profilePage is a table with the trials of its rows.
type profilePage struct {
	*read.ComparisonTable
	records map[string][]*record // by model
}

var profileHeads = []head{
	{Title: "row", Hint: "name of the row"},
	{"max clients", "that are all served; below it what the tutorial says", true, true},
	{Title: "bound by", Hint: "what keeps it from more, and with how many clients that was seen"},
	{"req/s a CPU", "requests a second of CPU time, at saturation", true, true},
	{"p99 at half", "99th percentile of the response at half of the highest throughput", true, false},
	{"idle connection", "resident memory of one that has sent nothing", true, false},
	{"threads", "of the server with the most clients", true, false},
	{"blocking threads", "that wait for one client each; below it what the tutorial says of blocking", true, false},
	{"lines", "of source; below it what the tutorial says of complexity", true, false},
	{Title: "use, by these figures", Hint: "what follows from them; below it what it rests on, and what the tutorial says"},
}

func (p *profilePage) table() table {
	t := table{ID: "profiles", Label: "Comparison table", Heads: profileHeads}
	for i := range p.Profiles {
		profile := &p.Profiles[i]
		t.Rows = append(t.Rows, row{Point: i, Name: profile.Model, Cells: p.cells(profile)})
	}
	return t
}

func (p *profilePage) cells(r *read.Profile) []cell {
	words := p.Words[r.Model]
	c := &r.Capacity
	clients := cell{Value: strconv.Itoa(c.Clients), Text: results.Count(float64(c.Clients)), Range: results.Plural(c.Clients, "client")}
	bound := cell{Value: string(c.Bound), Text: c.BoundText(), Wide: true}
	if c.At > 0 {
		bound.Below = "at " + results.Plural(c.At, "client")
	}
	use := cell{Value: r.Advice.Use, Text: r.Advice.Use, Below: r.Advice.Because, Said: words.Use, Wide: true}
	if c.Probes == 0 {
		clients, bound, use = cell{Text: results.Absent}, cell{Text: "not measured", Wide: true}, cell{Text: results.Absent, Said: words.Use, Wide: true}
	}
	return []cell{
		said(clients, words.Clients),
		bound,
		intervalCell(results.Number, r.PerCore),
		halfCell(r),
		idleCell(r.Idle),
		countCell(r.Threads, r.Threads > 0),
		said(countCell(r.Parked, c.Probes > 0), words.Blocking),
		said(p.linesCell(r.Model), words.Complexity),
		use,
	}
}

func said(c cell, words string) cell {
	c.Said = words
	return c
}

// intervalCell is a median, nil where it is not known, written as its unit wants it.
func intervalCell(unit results.Unit, i *stats.Interval) cell {
	if i == nil {
		return cell{Text: results.Absent}
	}
	c := cell{Value: number(i.Estimate).String(), Text: unit.Text(i.Estimate), Range: tooFewFor}
	if i.Bounded() {
		c.Range = "95 % interval: " + i.Bounds(unit.Text)
	}
	return c
}

// halfCell falls back to an upper bound, where every trial was disturbed.
func halfCell(r *read.Profile) cell {
	if r.HalfAtMost == nil {
		return intervalCell(results.Nanoseconds, r.HalfP99)
	}
	c := intervalCell(results.Nanoseconds, r.HalfAtMost)
	c.Text = "≤ " + c.Text
	c.Range = "of trials in which the client or others on the machine were in the way: none was without"
	return c
}

const tooFewFor = "too few trials for an interval"

func idleCell(m *results.IdleMemory) cell {
	if m == nil {
		return cell{Text: results.Absent}
	}
	parts := []string{"of " + results.Plural(m.Connections, "connection")}
	for _, part := range []struct {
		name string
		of   *float64
	}{{"Go's heap", m.HeapBytes}, {"Go's stacks", m.StackBytes}, {"beside it the kernel's", m.KernelBytes}} {
		if part.of != nil {
			parts = append(parts, part.name+" "+results.Bytes(int64(*part.of)))
		}
	}
	return cell{Value: number(m.ResidentBytes).String(), Text: results.Bytes(int64(m.ResidentBytes)), Range: strings.Join(parts, "; ")}
}

func countCell(n int, known bool) cell {
	if !known {
		return cell{Text: results.Absent}
	}
	return cell{Value: strconv.Itoa(n), Text: strconv.Itoa(n)}
}

func (p *profilePage) linesCell(model string) cell {
	source, known := p.Sources[model]
	c := countCell(source.Lines, known)
	if known {
		c.Range = fmt.Sprintf("cyclomatic complexity %d", source.Cyclomatic)
	}
	return c
}
