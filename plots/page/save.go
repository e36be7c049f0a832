package page

import (
	"fmt"
	"slices"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/document"
	"connbench/results/read"
	"connbench/results/stats"
)

const opens = "A row's name opens the trials behind it; a column's title sorts by it."

// SaveRun writes a run's report into its folder, after its other files, to which it
// has links, and returns its path: the ranking in sentences, the tables of all points, the
// figures, where the time of servers went if that is known, and what it takes to check or repeat them. Trials are all lines of trials.jsonl in
// their order, by whose numbers the page says what a value rests on.
func SaveRun(dir string, r *read.Reading, order look.Order, figures []look.Figure, flames ...Flame) (string, error) {
	return newRunPage(r, order, figures, flames...).save(dir)
}

func newRunPage(r *read.Reading, order look.Order, figures []look.Figure, flames ...Flame) *page {
	points := r.Points
	p := newPage(&r.Run, r.Trials, headline(&r.Run, points), points)
	p.Notices = notices(&r.Run, r.Trials, points)
	p.add("answer", "The answer", "", led(document.Answer(r)))
	p.add("table", "All points", "Medians over the valid trials, or over all where none is valid; below them their 95 % intervals, from six trials on; served is the fewest in any of them. "+opens, document.Join(document.Tiered(points, r.Rankings), document.Hosts(r.Trials)))
	p.narrow(order)
	p.addFigures(figures)
	p.add("scaling", "With more clients", "", document.Scalings(r.Scalings))
	resources := document.Resources(points)
	if slices.ContainsFunc(resources.Blocks, func(b document.Block) bool { return b.Table != nil && len(b.Table.Trials) > 0 }) {
		p.add("resources", "What the servers take", "", resources)
	}
	p.addFlames(r.Splits, flames)
	return p
}

// led is a document behind its verdict, or of one ranking alone with that instead of its first line, which
// says less.
func led(d document.Document) document.Document {
	ranked := slices.DeleteFunc(slices.Clone(d.Blocks), func(b document.Block) bool { return b.Folded == "" })
	switch {
	case d.Verdict == "":
	case len(ranked) == 1 && len(ranked[0].Lead) > 0:
		i := slices.IndexFunc(d.Blocks, func(b document.Block) bool { return b.Folded != "" })
		d.Blocks[i].Lead = append([]string{d.Verdict}, ranked[0].Lead[1:]...)
	default:
		d.Blocks = slices.Insert(d.Blocks, 0, document.Block{Lead: []string{d.Verdict}})
	}
	return d
}

// SaveTable writes the report of a comparison table into the run's folder, as [SaveRun]
// does: how many clients the tutorial's rows really serve in sentences, the table with the
// tutorial's words beside what was measured, figures, and below each row the trials that
// it rests on.
func SaveTable(dir string, run *results.Run, trials []results.Trial, c *read.ComparisonTable, order look.Order, figures []look.Figure) (string, error) {
	return newTablePage(run, trials, c, order, figures).save(dir)
}

func newTablePage(run *results.Run, trials []results.Trial, c *read.ComparisonTable, order look.Order, figures []look.Figure) *page {
	p := newPage(run, trials, "the comparison table, "+results.Plural(len(c.Profiles), "row"), stats.Summarize(trials, run.Models))
	p.Notices = tableNotices(run, c.Profiles)
	var answer document.Document
	answer.Add(document.Block{Lead: document.ProfilesAnswer(c), Lines: []string{"Differences are this machine's."}})
	p.add("answer", "The answer", "", answer)
	alone := *c
	alone.Env = nil // stands below
	table := document.Profiles(&alone)
	if bounds := document.Bounds(c.Profiles); bounds != nil {
		table.Add(document.Block{Heading: "What bounds a row", Lines: bounds})
	}
	table.Add(meanings(trials)...)
	mostFirst(table.Blocks[0].Table)
	p.add("table", "The comparison table", "Below a number stands its 95 % interval, where there is one. "+opens, table)
	p.narrow(order)
	p.addFigures(figures)
	return p
}

// mostFirst sorts a comparison table by how many clients its rows serve, which its second column says.
func mostFirst(t *document.Table) {
	most := func(r document.Row) int {
		n, _ := r.Cells[1].Value.(int)
		return n
	}
	slices.SortStableFunc(t.Rows, func(a, b document.Row) int { return most(b) - most(a) })
	t.Columns[1].Order = true
}

// SaveTune writes the report of a tune into the run's folder, as [SaveRun] does: what to
// set, a figure for each knob, a table for each point, and below each row the trials that it
// rests on.
func SaveTune(dir string, run *results.Run, trials []results.Trial, tunings []*read.Tuning, figures []look.Figure) (string, error) {
	return newTunePage(run, trials, tunings, figures).save(dir)
}

func newTunePage(run *results.Run, trials []results.Trial, tunings []*read.Tuning, figures []look.Figure) *page {
	points := stats.Summarize(trials, run.Models)
	p := newPage(run, trials, tuneTitle(tunings), points)
	p.Notices = notices(run, trials, points)
	answer := document.TuningsAnswer(tunings)
	answer.Add(document.Lines("Values are levels over all blocks, the drift of the machine taken out. Of all differences that are called so at most 5 % are none (Benjamini-Hochberg), " +
		"and what stands in parentheses is an interval that holds with 95 %. All is this machine's."))
	p.add("answer", "The answer", "", answer)
	p.add("table", "All values at each point", "What ranks the values is their level over all blocks; beside it are medians over the valid trials, or over all where none is valid. "+opens, document.TuningsTables(tunings, trials))
	p.narrow(run.Models)
	p.addFigures(figures)
	return p
}

func tuneTitle(tunings []*read.Tuning) string {
	if len(tunings) == 0 {
		return "nothing tuned"
	}
	return document.Enumerate(results.Map(tunings, func(t *read.Tuning) string { return t.Knob })) + " of " + tunings[0].Model
}

// SaveClaims writes the report on claims into the run's folder, as [SaveRun] does: what
// became of them in short, and each with the values that this rests on and the lines of
// trials.jsonl behind them. A value of a trial that is not there is an error.
func SaveClaims(dir string, run *results.Run, trials []results.Trial, claims []read.Claim) (string, error) {
	if err := traceable(trials, claims); err != nil {
		return "", err
	}
	return newClaimsPage(run, trials, claims).save(dir)
}

func newClaimsPage(run *results.Run, trials []results.Trial, claims []read.Claim) *page {
	p := newPage(run, trials, results.Plural(len(claims), "claim"), nil)
	p.Notices = here(run)
	d := document.Claims(claims, nil)
	outcomes := d.Blocks[0].Table.Rows // those with the same together
	place := func(r document.Row) int { return slices.Index(read.ClaimOutcomes, read.ClaimOutcome(r.Cells[1].Text)) }
	slices.SortStableFunc(outcomes, func(a, b document.Row) int { return place(a) - place(b) })
	short := led(document.Document{Verdict: d.Verdict, Blocks: d.Blocks[:1:1]})
	short.Add(document.Lines("What was found holds for this machine."))
	p.add("answer", "The answer", "", short)
	d.Blocks = append(d.Blocks[1:], meanings(trials)...)
	p.add("claims", "Claims", "A figure's name opens the trials behind it.", d)
	return p
}

// traceable is an error on a figure of a trial that is not there.
func traceable(trials []results.Trial, claims []read.Claim) error {
	there := map[int]bool{}
	for i := range trials {
		there[trials[i].Trial] = true
	}
	for i := range claims {
		for _, f := range claims[i].Figures {
			for _, n := range f.Trials {
				if !there[n] {
					return fmt.Errorf("claim %s: %s: trial %d is not in trials.jsonl", claims[i].ID, f.Name, n)
				}
			}
		}
	}
	return nil
}
