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

// tuneContent is what the page of a tune has.
type tuneContent struct {
	Knobs    []tunedKnob
	Figures  []drawing
	Filters  filters
	Storm    bool // connecting is what is measured
	Meanings meanings
}

// tunedKnob is what became of one knob.
type tunedKnob struct {
	ID     string
	Title  string
	Words  read.TuningWords
	Advice []adviceList
	Points []tunedTable
}

// adviceList is what the words say of one thing, at each point.
type adviceList struct {
	Name  string
	Lines []string
}

// tunedTable is all values at one point.
type tunedTable struct {
	Title string
	Table table
}

// SaveTune writes the report of a tune into the run's folder, as [SaveRun] does: what to
// set, a figure for each knob, a table for each point, and below each row the trials that it
// rests on.
func SaveTune(dir string, run *results.Run, trials []results.Trial, tunings []*read.Tuning, figures []look.Figure) (string, error) {
	return newTunePage(run, trials, tunings, figures).save(dir, tuneKind)
}

func newTunePage(run *results.Run, trials []results.Trial, tunings []*read.Tuning, figures []look.Figure) *page {
	points := stats.Summarize(trials, run.Models)
	f := newFrame(run, tuneTitle(tunings), points)
	f.Notices = notices(run, trials, points)
	content := tuneContent{Figures: drawings(figures), Filters: filters{Legend: "Values"}}
	content.Filters.addKnobs(tunings)
	content.Filters.addChoices(points)
	flagged := false
	var judged []results.Trial
	for i, t := range tunings {
		p := newTunePart(t, trials)
		judged = append(judged, p.trials...)
		for _, s := range t.Settings {
			name := s.Value
			if len(tunings) > 1 {
				name = t.Knob + " " + name
			}
			content.Filters.Models = append(content.Filters.Models, rowName{s.Row, name})
		}
		knob := p.knob(i, &f.Data)
		for _, point := range knob.Points {
			flagged = flagged || point.Table.Flagged()
		}
		content.Knobs = append(content.Knobs, knob)
		content.Storm = content.Storm || t.Storm()
	}
	f.Data.explain(judged)
	content.Meanings = meaningsOf(flagged, judged)
	f.Content = content
	f.Sections = sectionsWith(figures)
	return f
}

func tuneTitle(tunings []*read.Tuning) string {
	if len(tunings) == 0 {
		return "nothing tuned"
	}
	var knobs []string
	for _, t := range tunings {
		knobs = append(knobs, t.Knob)
	}
	return document.Enumerate(knobs) + " of " + tunings[0].Model
}

// addKnobs lets a page of several knobs be narrowed to one.
func (f *filters) addKnobs(tunings []*read.Tuning) {
	if len(tunings) < 2 {
		return
	}
	c := choice{Name: "knob", Title: "Knob"}
	for i, t := range tunings {
		c.Options = append(c.Options, option{float64(i), fmt.Sprint(i), t.Knob})
	}
	f.Choices = append(f.Choices, c)
}

// tunePart is a tuning with the trials that it rests on.
type tunePart struct {
	*read.Tuning
	trials  []results.Trial // of its values
	points  []stats.Point
	records map[results.Key][]*record
	figures []*results.Figure // the first is the one that ranks
}

// newTunePart reads the trials as [read.Tune] does: of a storm only connecting counts,
// whatever the verdicts on what came after it.
func newTunePart(t *read.Tuning, trials []results.Trial) *tunePart {
	trials = slices.Clone(trials)
	var own []results.Trial
	for i := range trials {
		if t.Storm() {
			trials[i].Verdicts, trials[i].ClientsServed = []string{}, trials[i].ClientsActive
		}
		if slices.ContainsFunc(t.Settings, func(s read.Setting) bool { return s.Row == trials[i].Model }) {
			own = append(own, trials[i])
		}
	}
	rows := make([]string, len(t.Settings))
	for i, s := range t.Settings {
		rows[i] = s.Row
	}
	p := &tunePart{Tuning: t, trials: own, points: stats.Summarize(own, rows), records: byKey(recordsOf(trials))}
	p.figures = slices.DeleteFunc(document.TunedFigures(&t.Tuned), func(f *results.Figure) bool {
		return !slices.ContainsFunc(own, func(t results.Trial) bool { _, has := f.Of(&t); return has && t.Failure == "" })
	})
	p.figures = slices.Insert(p.figures, 0, results.FigureNamed(t.Metric))
	return p
}

// point is what became of a row where the ranking is, nil if it was not tried there.
func (p *tunePart) point(row string, at *read.TunedPoint) *stats.Point {
	i := slices.IndexFunc(p.points, func(o stats.Point) bool { return o.Model == row && o.Key.Shared() == at.Key })
	if i < 0 {
		return nil
	}
	return &p.points[i]
}

// where says of people's words what a point is.
func (p *tunePart) where(at *read.TunedPoint) string {
	if n := p.InFlight[at.Clients]; n > 0 {
		return fmt.Sprintf("%s at once, up to %s in flight", results.Plural(at.Clients, "client"), results.Plural(n, "handshake"))
	}
	return document.At(at.Key)
}

// knob is the page's part on the knob, whose rows it adds to the data.
func (p *tunePart) knob(place int, d *data) tunedKnob {
	k := tunedKnob{ID: fmt.Sprintf("knob-%d", place), Title: p.Knob, Words: p.Words()}
	k.Advice = slices.DeleteFunc([]adviceList{{"Gain", k.Words.Gain}, {"It takes", k.Words.Memory}, {"Not told apart", k.Words.Alike}, {"The kernel", k.Words.Cut}},
		func(l adviceList) bool { return len(l.Lines) == 0 })
	from := len(d.Columns)
	for _, f := range p.figures {
		d.Columns = append(d.Columns, f.Title)
	}
	for i := range p.Points {
		id := fmt.Sprintf("point-%d-%d", place, i)
		d.Tables[id] = [2]int{from, len(d.Columns)}
		k.Points = append(k.Points, tunedTable{p.Knob + " at " + p.where(&p.Points[i]), p.table(id, &p.Points[i], place, d)})
	}
	return k
}
