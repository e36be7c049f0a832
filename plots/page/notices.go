package page

import (
	"fmt"

	"connbench/results"
	"connbench/results/document"
	"connbench/results/stats"
)

// headline says how much was compared: "6 models at 3 points".
func headline(points []stats.Point) string {
	at := map[results.Key]bool{}
	for i := range points {
		at[points[i].Key.Shared()] = true
	}
	return results.Plural(len(modelsOf(points, nil)), "model") + " at " + results.Plural(len(at), "point")
}

// notices are what a reader must know before anything else. A run that does not know how
// many trials it comes to is never called incomplete.
func notices(run *results.Run, trials []results.Trial, points []stats.Point) []string {
	var all []string
	if done := results.Finished(trials); done < run.Trials {
		all = append(all, fmt.Sprintf("This run is not complete: %d of %s.", done, results.Plural(run.Trials, "trial")))
	}
	measured := false
	for i := range points {
		measured = measured || points[i].HasFigures()
	}
	if !measured {
		all = append(all, "No trial came to figures: there is nothing to compare or to draw. The table says why.")
	}
	return append(all, here(run)...)
}

// here is what a reader must know of where was measured.
func here(run *results.Run) []string {
	var all []string
	if run.Environment.SharedCPUs {
		all = append(all, "Here "+run.Environment.Placement()+".")
	}
	for _, warning := range run.Environment.Warnings {
		all = append(all, "Here "+warning+".")
	}
	return all
}

// meanings explain what a page's tables say of their rows in one word.
type meanings struct {
	Flag     string // what the mark of a flagged row means; empty where none is flagged
	Verdicts []verdict
}

// verdict and what it means.
type verdict struct{ Name, Meaning string }

// meaningsOf explains the verdicts that occur.
func meaningsOf(flagged bool, trials []results.Trial) meanings {
	m := meanings{Verdicts: verdictsIn(trials)}
	if flagged {
		m.Flag = document.FlagMeaning
	}
	return m
}

func verdictsIn(trials []results.Trial) []verdict {
	var all []verdict
	seen := map[string]bool{}
	for i := range trials {
		for _, v := range trials[i].Verdicts {
			if !seen[v] {
				all = append(all, verdict{v, results.Explain(v)})
			}
			seen[v] = true
		}
	}
	return all
}
