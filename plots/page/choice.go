package page

import (
	"slices"
	"strings"

	"connbench/plots/look"
	"connbench/results/document"
	"connbench/results/read"
)

// SaveChoice writes the report of a choice into its folder, as [SaveRun] does: which row to choose and
// why, what would change that, the candidates with why the others are out, and the figures of the
// workload. Its trials are those of the run in the folder [read.ChoiceDir] of it.
func SaveChoice(dir string, r *read.Reading, c *read.Choice, changes []string, order look.Order, figures []look.Figure) (string, error) {
	return newChoicePage(r, c, changes, order, figures).save(dir)
}

func newChoicePage(r *read.Reading, c *read.Choice, changes []string, order look.Order, figures []look.Figure) *page {
	p := newPage(&r.Run, r.Trials, "which model for "+document.At(c.Point), r.Points)
	p.Data.Folder = read.ChoiceDir + "/"
	p.Notices = notices(&r.Run, r.Trials, r.Points)
	whole := document.Choice(c)
	at := slices.IndexFunc(whole.Blocks, func(b document.Block) bool { return b.Table != nil })
	lead := []string{whole.Verdict}
	for _, b := range whole.Blocks[:at] {
		lead = append(lead, b.Lines...)
	}
	answer, candidates := document.Document{Blocks: []document.Block{{Lead: lead}}}, document.Document{Blocks: whole.Blocks[at:]}
	if changes != nil {
		t := &document.Table{Bare: true, Columns: []document.Column{{Title: "with", Left: true, Wrap: 8}, {Title: "then", Left: true, Wrap: 16}}}
		for _, line := range changes {
			with, then, _ := strings.Cut(line, ": ")
			t.Texts(with, then)
		}
		answer.Add(document.Block{Heading: "What would change the answer", Table: t})
	}
	p.add("answer", "The answer", "", answer)
	candidates.Add(meanings(r.Trials)...)
	p.add("table", "The candidates", opens, candidates)
	p.narrow(order)
	p.addFigures(figures)
	return p
}
