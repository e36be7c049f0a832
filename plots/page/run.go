package page

import (
	"connbench/plots/look"
	"connbench/results"
	"connbench/results/document"
	"connbench/results/stats"
)

// runContent is what the page of a sweep has between its notices and its environment.
type runContent struct {
	Answer    document.Document
	Filters   filters
	Table     table
	Figures   []drawing
	Resources *table // nil if nothing is known of any
	Meanings  meanings
}

// SaveRun writes a run's report into its folder, after its other files, to which it
// has links, and returns its path: the ranking in sentences, the table of all points, the
// figures, and what it takes to check or repeat them. Trials are all lines of trials.jsonl in
// their order, by whose numbers the page says what a value rests on.
func SaveRun(dir string, run *results.Run, trials []results.Trial, order look.Order, figures []look.Figure) (string, error) {
	return newRunPage(run, trials, order, figures).save(dir, runKind)
}

func newRunPage(run *results.Run, trials []results.Trial, order look.Order, figures []look.Figure) *page {
	points := stats.Summarize(trials, run.Models)
	columns := append(columnsFor(points), resourceColumns(points)...)
	own := len(columnsFor(points))
	f := newFrame(run, headline(points), points)
	f.Notices = notices(run, trials, points)
	f.Data.addPoints(points, columns, recordsOf(trials))
	f.Data.Tables = map[string][2]int{"points": {0, own}, "resources": {own, len(columns)}}
	f.Data.explain(trials)
	content := runContent{
		Answer:  document.Rankings(stats.Rank(trials, points), points),
		Filters: filtersOf(points, order),
		Table:   pointsTable("points", true, points, columns[:own]),
		Figures: drawings(figures),
	}
	content.Meanings = meaningsOf(content.Table.Flagged(), trials)
	f.Sections = sectionsWith(figures)
	if len(columns) > own {
		resources := pointsTable("resources", false, points, columns[own:])
		content.Resources = &resources
		f.Sections = append(f.Sections, section{"resources", "Resources"})
	}
	f.Content = content
	return f
}
