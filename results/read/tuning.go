package read

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/stats"
)

// Tuned is a knob of a model and what it was set to. Each value is a row, measured in
// the same blocks as the others.
type Tuned struct {
	Model    string    `json:"model"`
	Knob     string    `json:"knob"`
	Settings []Setting `json:"settings"` // in the order in which they are shown
	Default  string    `json:"default"`  // the row of what holds where nobody sets the knob; it need not be among them, and is empty where nobody knows
	Metric   string    `json:"metric"`   // that ranks them: the name of one of [results.Metrics], or of [results.ConnectP99]
	// Frugal says that a value takes more memory or threads than those before it: of
	// values that do equally well the first is recommended, and else the default.
	Frugal bool `json:"frugal,omitempty"`
	// Kind is what is measured; runs before it was kept are storms if they have InFlight.
	Kind TuneKind `json:"measures,omitempty"`
	// InFlight is, in a storm by the number of clients that connect at once, how many
	// handshakes there may be at the same time.
	InFlight map[int]int `json:"in_flight,omitempty"`
	// Cut says in words which values the kernel makes another of, and why; those that come
	// to the same are one setting.
	Cut []string `json:"cut,omitempty"`
}

// TuneKind is what the trials of a knob measure.
type TuneKind string

const (
	SteadyTune TuneKind = "steady" // how clients that are connected are served
	StormTune  TuneKind = "storm"  // how clients get connected that all come at once
)

// Setting is one value of a knob.
type Setting struct {
	Row   string `json:"row"`   // the model of its trials
	Value string `json:"value"` // for people
	Go    string `json:"go"`    // how a program in Go sets it
}

// metric is that which ranks, nil where there is none of the name.
func (t *Tuned) metric() *results.Figure { return results.FigureNamed(t.Metric) }

// Place is that of a row among the settings, or -1.
func (t *Tuned) Place(row string) int {
	return slices.IndexFunc(t.Settings, func(s Setting) bool { return s.Row == row })
}

func (t *Tuned) rows() []string {
	return results.Map(t.Settings, func(s Setting) string { return s.Row })
}

// own are the trials of the settings. Of a storm only connecting counts: neither what
// became of the requests after it nor noise at that time does.
func (t *Tuned) own(trials []results.Trial) []results.Trial {
	var own []results.Trial
	for _, trial := range trials {
		if t.Place(trial.Model) < 0 {
			continue
		}
		if t.Storm() {
			trial.Verdicts, trial.ClientsServed = []string{}, trial.ClientsActive
		}
		own = append(own, trial)
	}
	return own
}

// Tuning is what became of the values of a knob.
type Tuning struct {
	Tuned
	Points []TunedPoint
	Advice Recommendation
}

// TunedPoint is what became of them at one point.
type TunedPoint struct {
	stats.Ranking
	Alike []string      // the rows of the first group; nil where the trials are too few
	Gain  *stats.Effect // of the recommended value over the default; nil where these are the same, or not known

	rows   map[string][]*results.Trial // what the figures rest on
	points []stats.Point               // of the rows
}

// Tune ranks the settings at each point and recommends one.
func Tune(t Tuned, trials []results.Trial) *Tuning {
	own := t.own(results.Final(trials))
	points := stats.Summarize(own, t.rows())
	tuning := &Tuning{Tuned: t}
	for _, r := range stats.RankBy(own, points, func([]*results.Trial) *results.Figure { return t.metric() }) {
		p := TunedPoint{Ranking: r, rows: map[string][]*results.Trial{}}
		for i := range own {
			if trial := &own[i]; trial.Key().Shared() == r.Key && trial.Failure == "" {
				p.rows[trial.Model] = append(p.rows[trial.Model], trial)
			}
		}
		for _, point := range points {
			if point.Key.Shared() == r.Key {
				p.points = append(p.points, point)
			}
		}
		p.Alike = p.alike(&t)
		tuning.Points = append(tuning.Points, p)
	}
	slices.SortStableFunc(tuning.Points, func(a, b TunedPoint) int {
		return cmp.Or(cmp.Compare(a.Clients, b.Clients), cmp.Compare(a.PayloadBytes, b.PayloadBytes))
	})
	tuning.recommend()
	return tuning
}

// alike are the rows of the first group, unless nothing is known of how far apart they are.
func (p *TunedPoint) alike(t *Tuned) []string {
	if p.few() {
		return nil
	}
	rows := results.Map(p.Leaders(), func(s stats.Standing) string { return s.Model })
	slices.SortFunc(rows, func(a, b string) int { return cmp.Compare(t.Place(a), t.Place(b)) })
	return rows
}

// few reports whether no row can be told apart from the first, whatever the figures.
func (p *TunedPoint) few() bool {
	return !slices.ContainsFunc(p.Standings, func(s stats.Standing) bool {
		return s.First > 0 && (s.Best.Bounded() || p.Ranked() == 1)
	})
}

// matters is from how many times behind the best on a value is not as good, for what
// it does not matter for.
const matters = 1.1

// standing is a row's, nil if it has no place.
func (p *TunedPoint) standing(row string) *stats.Standing {
	return results.Find(p.Standings, func(s *stats.Standing) bool { return s.Model == row && s.First > 0 })
}

// Check reports what in t no tune of a knob has written.
func (t *Tuned) Check() error {
	if err := results.Check(t); err != nil { // first, since what follows quotes it
		return err
	}
	if m := t.metric(); m == nil || m != results.ConnectP99 && !slices.Contains(results.Metrics, m) {
		return fmt.Errorf("metric: %.100q is not allowed (a figure by which rows are compared)", t.Metric)
	}
	if len(t.Settings) == 0 {
		return fmt.Errorf("settings: an empty list is not allowed (at least one)")
	}
	for _, s := range t.Settings {
		if !strings.HasPrefix(s.Row, t.Knob+"=") {
			return fmt.Errorf("settings: %.100q is not allowed (%s= and a value)", s.Row, t.Knob)
		}
	}
	return nil
}

// Storm reports whether connecting is what is measured.
func (t *Tuned) Storm() bool { return t.Kind == StormTune || t.Kind == "" && t.InFlight != nil }

// Judged reports whether a row is not ranked, and a verdict is among those on it.
func (t *Tuning) Judged(verdict string) bool {
	return slices.ContainsFunc(t.Points, func(p TunedPoint) bool {
		return slices.ContainsFunc(p.Standings, func(s stats.Standing) bool {
			return s.First == 0 && slices.Contains(p.Of(s.Model).Verdicts, verdict)
		})
	})
}

// Of is what became of a row, which must be among the standings.
func (p *TunedPoint) Of(row string) *stats.Point {
	return results.Find(p.points, func(o *stats.Point) bool { return o.Model == row })
}

// Pipeline is how many requests each client may have unanswered.
func (p *TunedPoint) Pipeline() int {
	for _, trials := range p.rows {
		return trials[0].Pipeline
	}
	return 0
}

func (p *TunedPoint) valid(row string) []*results.Trial {
	return slices.DeleteFunc(slices.Clone(p.rows[row]), func(t *results.Trial) bool { return !t.Valid() })
}

// Median is a figure's over the valid trials of a row, or if there are none over all.
func (p *TunedPoint) Median(f *results.Figure, row string) (v float64, known bool) {
	trials := p.valid(row)
	if len(trials) == 0 {
		trials = p.rows[row]
	}
	s, known := stats.SpreadIn(trials, f)
	return s.Median, known
}
