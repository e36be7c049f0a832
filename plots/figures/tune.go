package figures

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// Tune draws what became of the values of a knob. Where these were tried
// with several payloads, or with several storms of connecting clients, it is a map with a
// row for each value; else it is a line over the values for each number of clients.
func (d Drawer) Tune(t *read.Tuning) ([]look.Figure, error) {
	if !slices.ContainsFunc(t.Points, func(p read.TunedPoint) bool {
		return slices.ContainsFunc(p.Standings, func(s stats.Standing) bool { return tunedKnown(&s) })
	}) {
		return nil, nil
	}
	s := &sheet{name: "tune-" + t.Knob}
	if across := tunedColumns(t); len(across) > 1 {
		s.title = fmt.Sprintf("%s: %s by %s", t.Model, t.Knob, map[bool]string{true: "storm", false: "payload"}[t.Storm()])
		s.body = tunedMaps(t)
	} else {
		s.title = fmt.Sprintf("%s: %s", t.Model, t.Knob)
		s.body = tunedLines(t)
	}
	s.subtitle = tunedSubtitle(t)
	s.caption = tunedCaption(t, s.body) + " " + d.where()
	return drawn([]*sheet{s})
}

// tunedKnown reports whether a row has a value at all.
func tunedKnown(s *stats.Standing) bool {
	return s.Value.Estimate > 0 && !math.IsNaN(s.Value.Estimate)
}

// tunedEndless reports whether a time is that of what never happened.
func tunedEndless(s *stats.Standing) bool { return s.Value.Estimate >= float64(results.MaxLatency) }

// tunedColumns are what the values of the knob were tried with, in order: payloads, or of
// storms their clients.
func tunedColumns(t *read.Tuning) []int {
	var all []int
	for i := range t.Points {
		if v := tunedColumn(t, &t.Points[i]); !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	slices.Sort(all)
	return all
}

func tunedColumn(t *read.Tuning, p *read.TunedPoint) int {
	if t.Storm() {
		return p.Clients
	}
	return p.PayloadBytes
}

func tunedSubtitle(t *read.Tuning) string {
	p := &t.Points[0]
	parts := []string{p.Metric.Title}
	if p.Work != "" {
		parts = append(parts, p.Work)
	}
	if t.Storm() {
		parts = append(parts, "all clients connect at once")
	} else {
		parts = append(parts, p.Loop.Label())
	}
	return strings.Join(parts, " · ")
}

// settingLabel is a value of the knob, and whether it is the default.
func settingLabel(t *read.Tuning, s read.Setting) string {
	if s.Row == t.Default {
		return s.Value + " *"
	}
	return s.Value
}

// recommended is the place of the value to set, -1 where there is none.
func recommended(t *read.Tuning) int {
	if t.Advice.Setting == nil {
		return -1
	}
	return slices.IndexFunc(t.Settings, func(s read.Setting) bool { return s.Row == t.Advice.Setting.Row })
}

func standingOf(p *read.TunedPoint, row string) *stats.Standing {
	i := slices.IndexFunc(p.Standings, func(s stats.Standing) bool { return s.Model == row })
	if i < 0 {
		return nil
	}
	return &p.Standings[i]
}

// tunedText is a value of the metric.
func tunedText(t *read.Tuning, s *stats.Standing) string {
	return results.FigureNamed(t.Metric).Text(s.Value.Estimate)
}

// inNanos reports whether the metric is a time.
func inNanos(t *read.Tuning) bool { return results.FigureNamed(t.Metric).Unit == results.Nanoseconds }

func tunedCaption(t *read.Tuning, drawn body) string {
	var sentences []string
	switch drawn.(type) {
	case *heatMaps:
		sentences = append(sentences, "Levels over all blocks; below them how many times the mean of the best of the column. "+
			"“Tied” are those of which none can be told apart from the best.")
	default:
		sentences = append(sentences, "Levels over all blocks; bars are their 95 % intervals, where trials are enough for one.")
	}
	if slices.ContainsFunc(t.Settings, func(s read.Setting) bool { return s.Row == t.Default }) {
		sentences = append(sentences, "* is the default.")
	}
	if i := recommended(t); i >= 0 {
		sentences = append(sentences, fmt.Sprintf("Marked is the value to set: %s.", t.Settings[i].Value))
	} else {
		sentences = append(sentences, "No value is recommended: "+t.Advice.Why+".")
	}
	if t.Storm() {
		sentences = append(sentences, "∞ is where one client in a hundred was not connected.")
	}
	if tunedUnranked(t) {
		sentences = append(sentences, map[bool]string{true: "Hatched cells", false: "Hollow marks"}[isHeat(drawn)]+" are not to be ranked: no valid trial, or a client without any answer.")
	}
	return strings.Join(sentences, " ")
}

func isHeat(b body) bool { _, is := b.(*heatMaps); return is }

func tunedUnranked(t *read.Tuning) bool {
	return slices.ContainsFunc(t.Points, func(p read.TunedPoint) bool {
		return slices.ContainsFunc(p.Standings, func(s stats.Standing) bool { return s.First == 0 })
	})
}
