package page

import (
	"fmt"
	"slices"

	"connbench/results"
	"connbench/results/document"
	"connbench/results/read"
	"connbench/results/stats"
)

// headline says how much was compared: "6 models at 3 points", or "3 models with 1k to 1M connections".
func headline(run *results.Run, points []stats.Point) string {
	models := results.Distinct(points, func(p stats.Point) string { return p.Model })
	if counts := results.Distinct(points, func(p stats.Point) int { return p.Clients }); run.Kind == results.ScaleRun && len(counts) > 0 {
		return fmt.Sprintf("%s with %s to %s connections", results.Plural(len(models), "model"), results.Count(float64(slices.Min(counts))), results.Count(float64(slices.Max(counts))))
	}
	at := results.Distinct(points, func(p stats.Point) results.Key { return p.Key.Shared() })
	return results.Plural(len(models), "model") + " at " + results.Plural(len(at), "point")
}

// notices are what a reader must know before anything else. A run that does not know how
// many trials it comes to is never called incomplete.
func notices(run *results.Run, trials []results.Trial, points []stats.Point) []string {
	var all results.Sentences
	if done := results.Finished(trials); done < run.Planned() {
		all = append(all, fmt.Sprintf("This run is not complete: %d of %s.", done, results.Plural(run.Planned(), "trial")))
	}
	all.When(!slices.ContainsFunc(points, func(p stats.Point) bool { return p.HasFigures() }), "No trial came to figures: there is nothing to compare or to draw. The table says why.")
	return append(all, here(run)...)
}

// here is what a reader must know of where was measured.
func here(run *results.Run) []string {
	var all results.Sentences
	all.When(run.Environment.SharedCPUs, "Here "+run.Environment.Placement()+".")
	return append(all, results.Map(run.Environment.Warnings, func(warning string) string { return "Here " + warning + "." })...)
}

func tableNotices(run *results.Run, profiles []read.Profile) []string {
	var all []string
	if missing := slices.DeleteFunc(slices.Clone(profiles), func(p read.Profile) bool { return p.Capacity.Probes > 0 }); len(missing) > 0 {
		names := results.Map(missing, func(p read.Profile) string { return p.Model })
		all = append(all, "How many clients "+document.Enumerate(names)+" can serve is not known from this run: there was no probe of it, or all were disturbed.")
	}
	return append(all, here(run)...)
}

// meanings explain the verdicts on trials, if there are any.
func meanings(trials []results.Trial) []document.Block {
	lines := results.Explanations(func(verdict string) bool {
		return slices.ContainsFunc(trials, func(t results.Trial) bool { return slices.Contains(t.Verdicts, verdict) })
	}, stats.ClientLimits(stats.Summarize(trials, nil)))
	if lines == nil {
		return nil
	}
	return []document.Block{{Heading: "Verdicts on single trials", Lines: lines}}
}
