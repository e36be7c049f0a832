package figures

import (
	"fmt"
	"slices"
	"strings"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/document"
	"connbench/results/read"
	"connbench/results/stats"
)

// Tune draws what became of the values of knobs, a figure for each. Where these were tried
// with several payloads, with several storms of connecting clients or with many numbers of
// clients, it is a map with a row for each value; else it has a column of dots for each number
// of clients.
func (d Drawer) Tune(tunings ...*read.Tuning) ([]look.Figure, error) {
	some := slices.DeleteFunc(slices.Clone(tunings), func(t *read.Tuning) bool { return !anyStanding(t, known) })
	return drawn(results.Map(some, d.tuneSheet))
}

func (d Drawer) tuneSheet(t *read.Tuning) *sheet {
	p := &t.Points[0]
	how, across := p.Loop.Label(), "payload"
	if t.Storm() {
		how, across = "all clients connect at once", "storm"
	}
	s := &sheet{name: "tune-" + t.Knob, title: t.Model + ": " + t.Knob, subtitle: document.Dotted(p.Metric.Title, p.Work, how)}
	column := func(p read.TunedPoint) int { return columnOf(t, &p) }
	maps := len(results.Distinct(t.Points, column)) > 1 || len(t.Points) > maxRanked
	if maps {
		s.title += " by " + across
		s.body = tunedMaps(t)
	} else {
		s.subtitle = document.Dotted(s.subtitle, results.Bytes(int64(p.PayloadBytes))+" payload")
		s.body = tunedDots(t)
	}
	s.caption = tunedCaption(t, maps) + " " + d.where()
	return s
}

func anyStanding(t *read.Tuning, is func(stats.Standing) bool) bool {
	return slices.ContainsFunc(t.Points, func(p read.TunedPoint) bool { return slices.ContainsFunc(p.Standings, is) })
}

func known(s stats.Standing) bool { return s.Value.Estimate > 0 }

// columnOf is what the values of the knob were tried with: a payload, or of a storm its clients.
func columnOf(t *read.Tuning, p *read.TunedPoint) int {
	if t.Storm() {
		return p.Clients
	}
	return p.PayloadBytes
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
	return t.Place(t.Advice.Setting.Row)
}

func standingOf(p *read.TunedPoint, row string) *stats.Standing {
	return results.Find(p.Standings, func(s *stats.Standing) bool { return s.Model == row })
}

func tunedCaption(t *read.Tuning, maps bool) string {
	sentences, unranked := results.Sentences{"Levels over all blocks; bars are their 95 % intervals, where trials are enough for one, and behind the mark where they are narrower."}, "Hollow marks"
	if maps {
		sentences, unranked = results.Sentences{"Levels over all blocks; below them how many times the mean of the best of the column. " +
			fmt.Sprintf("“Tied” are those that cannot be told apart from the best and are at most %v times behind it; “open” are those that may be the best, or up to so many times behind it.", read.Doubtful)}, "Hatched cells"
	}
	sentences.When(t.Place(t.Default) >= 0, "* is the default.")
	if s := t.Advice.Setting; s != nil {
		sentences = append(sentences, fmt.Sprintf("Marked is the value to set: %s.", s.Value))
	} else {
		sentences = append(sentences, "No value is recommended: "+t.Advice.Why+".")
	}
	sentences.When(t.Storm(), "∞ is where one client in a hundred was not connected.")
	sentences.When(anyStanding(t, func(s stats.Standing) bool { return s.First == 0 }), unranked+" are not to be ranked: no valid trial or too few, or a client without any answer.")
	return strings.Join(sentences, " ")
}
