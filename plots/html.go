package plots

import (
	"io"


	"connbench/results"
	"connbench/results/stats"
)

// runContent is what the page of a sweep has between its notices and its environment.
type runContent struct {
	Answer    answer
	Filters   filters
	Table     table
	Resources *table // nil if nothing is known of any
	Figures   bool
	FlagMeans string
	Meanings  meanings
}

// SaveHTML writes a run's report into its folder, after its other files, to which it
// has links, and returns its path.
func SaveHTML(dir string, run *results.Run, trials []results.Trial) (string, error) {
	return newRunPage(run, trials).save(dir, runKind)
}

// WriteHTML writes the report of a run as one page that loads nothing: the ranking in
// sentences, the table of all points, charts of them, and what it takes to check
// or repeat them. Trials are all lines of trials.jsonl in their order, by whose
// numbers the page says what a figure rests on. Files are paths relative to the page.
func WriteHTML(w io.Writer, run *results.Run, trials []results.Trial, files []string) error {
	return newRunPage(run, trials).write(w, runKind, files)
}

func newRunPage(run *results.Run, trials []results.Trial) *page {
	points := stats.Summarize(trials, run.Models)
	columns := append(columnsFor(points), resourceColumns(points)...)
	own := len(columnsFor(points))
	f := newFrame(run, headline(points), points)
	f.Notices = notices(run, trials, points)
	f.Data.addPoints(points, columns, recordsOf(trials))
	f.Data.Tables = map[string][2]int{"points": {0, own}, "resources": {own, len(columns)}}
	f.Data.Chapters = append(f.Data.Chapters, chaptersOf(points)...)
	f.Data.explain(trials)
	content := runContent{
		Answer:    answerOf(stats.Rank(trials, points), points),
		Filters:   filtersOf(points),
		Table:     pointsTable("points", true, points, columns[:own]),
		Figures:   len(f.Data.Chapters) > 0,
		FlagMeans: results.FlagMeaning,
	}
	content.Meanings = meaningsOf(content.Table.Flagged(), trials)
	f.Sections = []section{{"answer", "Answer"}, {"table", "Table"}}
	if content.Figures {
		f.Sections = append(f.Sections, section{"figures", "Figures"})
	}
	if len(columns) > own {
		resources := pointsTable("resources", false, points, columns[own:])
		content.Resources = &resources
		f.Sections = append(f.Sections, section{"resources", "Resources"})
	}
	f.Content = content
	return f
}
