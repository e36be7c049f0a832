package read

import (
	"connbench/results"
	"connbench/results/stats"
)

// Reading is what the trials of a run come to that were made in one environment.
type Reading struct {
	results.Part
	Points   []stats.Point
	Rankings []stats.Ranking
	Scalings []Scaling
	Splits   []Split // where the servers' time goes; nil where no trial was made for that
}

// Readings are those of a run's parts, which have no figure in common; see [results.Run.Parts].
func Readings(run *results.Run, trials []results.Trial) []Reading {
	return results.Map(run.Parts(trials), func(p results.Part) Reading {
		points := stats.Summarize(p.Trials, p.Run.Models)
		return Reading{p, points, stats.Rank(points), Scalings(points), nil}
	})
}
