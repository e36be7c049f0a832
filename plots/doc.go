// Package plots draws what a run measured, each figure as SVG and as PNG.
//
// [Figures] draws throughput and p99 against clients, and p99 against the rate
// offered to an open loop. A figure is to stand alone
// once it has left its run, so its caption says where and how it was measured
// and what its marks mean: nothing that was measured is left out without a word.
// A model looks the same in every figure, see style.go.
//
// [SaveHTML] writes a run's report: one page that loads nothing, with the ranking in
// sentences, the table of all points and charts that show their values. What the page
// says of a row can be traced to lines of trials.jsonl, which it names.
//
// The package knows no model and takes nothing but what [results] has.
package plots
