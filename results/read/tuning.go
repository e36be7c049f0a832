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

	points []stats.Point // of the rows
}

// Tune ranks the settings at each point and recommends one.
func Tune(t Tuned, trials []results.Trial) *Tuning {
	points := stats.Summarize(t.own(results.Final(trials)), t.rows())
	tuning := &Tuning{Tuned: t}
	for _, r := range stats.RankBy(points, func([]*results.Trial) *results.Figure { return t.metric() }) {
		p := TunedPoint{Ranking: r}
		p.points = slices.DeleteFunc(slices.Clone(points), func(o stats.Point) bool { return o.Key.Shared() != r.Key })
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

// few reports whether no row can be told apart from the first, whatever the figures. Of a row
// that alone has a place nothing is told where what others would come to is not known.
func (p *TunedPoint) few() bool {
	if p.Ranked() == 1 {
		return slices.ContainsFunc(p.Standings, func(s stats.Standing) bool { return p.disturbed(s.Model) })
	}
	return !slices.ContainsFunc(p.Standings, func(s stats.Standing) bool { return s.First > 0 && s.Best.Bounded() })
}

// disturbed reports whether a row has no place though it did not fail: what it would come to
// is then not known.
func (p *TunedPoint) disturbed(row string) bool {
	o := p.Of(row)
	return o != nil && p.standing(row) == nil && o.Valid < o.Trials-len(o.Failures) && !slices.Contains(o.Verdicts, results.Errors)
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

// ClientLimits is why trials of rows that are not ranked are [results.ClientBound].
func (t *Tuning) ClientLimits() []results.ClientLimit {
	return slices.Concat(results.Map(t.Points, func(p TunedPoint) []results.ClientLimit { return stats.ClientLimits(p.points) })...)
}

// Of is what became of a row, nil of one without trials.
func (p *TunedPoint) Of(row string) *stats.Point {
	return results.Find(p.points, func(o *stats.Point) bool { return o.Model == row })
}

// Pipeline is how many requests each client may have unanswered.
func (p *TunedPoint) Pipeline() int { return p.points[0].All[0].Pipeline }

// anyValid reports whether any row has a valid trial.
func (p TunedPoint) anyValid() bool {
	return slices.ContainsFunc(p.points, func(o stats.Point) bool { return o.Valid > 0 })
}

// valid counts the valid trials of a row.
func (p *TunedPoint) valid(row string) int {
	if o := p.Of(row); o != nil {
		return o.Valid
	}
	return 0
}

// Median is a figure's over the valid trials of a row, or if there are none over all.
func (p *TunedPoint) Median(f *results.Figure, row string) (v float64, known bool) {
	if o := p.Of(row); o != nil {
		s, has := o.Of(f)
		return s.Median, has
	}
	return 0, false
}
