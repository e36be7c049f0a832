// Package results is what a run leaves behind, and the catalogue of what it measures.
//
//  1. A [Trial] is one measurement: one model, one workload, one fresh server
//     process. [Latency] is how its distribution is written down.
//  2. A [Store] is the run's folder: it appends trials, fsynced, and keeps the
//     full distributions as HdrHistogram logs. [Open] reads the folder back, and checks it.
//  3. [Judge] says why a trial's figures must not be trusted, and [Explain] what
//     that means.
//  4. [Figures] is the catalogue of what a trial measures: name, unit, direction, and how
//     it is read and written. All that ranks, writes or draws reads it.
//
// The rooms beside it read a run: package stats makes points, intervals and rankings of its
// trials, package read what a command concludes, and package document says it to people and
// programs. Arrows go that way only. The package imports nothing else of this module, so
// that everything that measures and everything that draws can share it.
//
// # Add a figure
//
// What a trial has in its JSON becomes a figure by one entry of the catalogue:
//
//	var Preempted = &Figure{Name: "server_involuntary_switches", Title: "preempted", Hint: "switches that the server did not ask for"}
//
// In the list [Resources] it is summarised for each point, and stands in report --resources,
// in summary.csv and in the page's table and trials. In [Metrics] compare has it, summary.csv
// its interval, and bench.txt has it by its Bench. Its name is the field's, with the objects
// around it; a name that no field has is found when the package is loaded. A drawing of it is
// an entry in package figures.
package results
