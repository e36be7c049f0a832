// Package plots draws what a run measured, each figure as SVG and as PNG.
//
// [Figures] draws throughput and p99 against clients, and p99 against the rate
// offered to an open loop. A figure is to stand alone
// once it has left its run, so its caption says where and how it was measured
// and what its marks mean: nothing that was measured is left out without a word.
// A model looks the same in every figure, see style.go.
//
// The package knows no model and takes nothing but [results.Point]s.
package plots
