// Package plots draws what a run measured, each figure as SVG and as PNG.
//
// [Figures] draws what was measured against clients and against the rate offered to an
// open loop: throughput, p99, CPU and memory, fairness. [PercentileFigures] draws whole
// distributions, [ScalingFigures] what the Universal Scalability Law makes of throughput,
// [TuneFigures] what became of the values of a knob, and [TableFigures] a comparison
// table. Each is a sheet with one of three bodies: panels of curves in tiles, rows of
// dots, or maps of cells. A figure is to stand alone
// once it has left its run, so its caption says where and how it was measured
// and what its marks mean: nothing that was measured is left out without a word.
// A model looks the same in every figure, see style.go.
//
// [SaveHTML] writes a run's report: one page that loads nothing, with the ranking in
// sentences, the table of all points and charts that show their values. What the page
// says of a row can be traced to lines of trials.jsonl, which it names. [SaveTableHTML],
// [SaveTuneHTML] and [SaveClaimsHTML] do the same for a comparison table, for the values
// of a knob and for claims.
//
// The package knows no model and takes nothing but what [results] has.
package plots
