package page

import (
	"cmp"
	"fmt"
	"path/filepath"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/document"
	"connbench/results/read"
)

// IndexFile is the name of the report on a folder of runs.
const IndexFile = "index.html"

// SaveIndex writes the report on a folder of runs there and returns its path: what has changed over
// the runs, the runs with links to their reports, figures of what has changed, and each figure of
// each series.
func SaveIndex(h *read.History, figures []look.Figure) (string, error) {
	return newIndexPage(h, figures).saveAs(filepath.Join(h.Dir, IndexFile), nil)
}

func newIndexPage(h *read.History, figures []look.Figure) *page {
	p := &page{Title: "connbench: " + results.Plural(len(h.Runs), "run"), Data: newData(nil)}
	if n := len(h.Runs); n > 0 {
		const day = "2 January 2006"
		first, last := h.Runs[0].Run.CreatedAt.UTC().Format(day), h.Runs[n-1].Run.CreatedAt.UTC().Format(day)
		p.Subtitle = []string{first}
		if last != first {
			p.Subtitle[0] += " to " + last
		}
	}
	if n := len(h.Series); n > 1 {
		p.Subtitle = append(p.Subtitle, fmt.Sprintf("%d series, each of one plan and machine", n))
	}
	changes := document.Document{}
	if len(h.Series) != 1 { // which says the same
		changes.Add(document.Block{Lead: []string{document.HistoryVerdict(h)}})
	}
	tables := document.Document{}
	for _, s := range results.Each(h.Series) {
		d := document.Changes(h, s)
		changes = document.Join(changes, d)
		tables.Add(document.Block{Heading: d.Blocks[0].Heading, Table: document.HistoryTable(h, s)})
	}
	if len(h.Series) > 0 {
		changes.Add(document.Lines(document.HistoryMethod...))
	}
	p.add("answer", "What has changed", "", changes)
	runs := document.Join(document.Past(h), document.Baselines(h))
	runs.Blocks = append(byMachine(h, runs.Blocks[0].Table), runs.Blocks[1:]...)
	p.addFigures(figures)
	p.add("table", "The runs", "The newest first. A column's title sorts by it; a run's name leads to its report, where it has one.", runs)
	p.add("history", "All figures", "", tables)
	return p
}

// byMachine are the runs in a table of each machine, the newest first.
func byMachine(h *read.History, all *document.Table) (blocks []document.Block) {
	newest := make([]int, len(h.Runs))
	for i := range newest {
		newest[i] = len(newest) - 1 - i
	}
	machine := func(i int) string {
		return cmp.Or(h.Runs[i].Run.Environment.Machine(), "Machine not known")
	}
	for _, of := range results.Grouped(newest, machine) {
		t := *all
		t.Rows = results.Map(of, func(i int) document.Row { return all.Rows[i] })
		blocks = append(blocks, document.Block{Heading: machine(of[0]), Table: &t})
	}
	return blocks
}
