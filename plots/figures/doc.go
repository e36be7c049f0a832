// Package figures draws what a run measured, each figure as SVG and as PNG.
//
// A [Drawer] knows where was measured and in which order models come.
// [Drawer.Run] draws what was measured against clients and against the rate offered to an
// open loop: throughput, p99, CPU and memory, fairness; whole
// distributions; what the Universal Scalability Law makes of throughput,
// [Drawer.Tune] what became of the values of a knob, [Drawer.Table] a comparison
// table, and [Drawer.History] what became of figures over many runs. Each is a sheet with one of three bodies: panels of curves in tiles, rows of
// dots, or maps of cells. Where there is nothing to draw there are no figures; what there
// are is written by [Save], and shown by the page.
//
// A figure is to stand alone once it has left its run, so its caption says where and how
// it was measured and what its marks mean: nothing that was measured is left out without
// a word.
//
// For the page, each part of a figure is a group of its SVG that says of which rows it is, and
// each mark what its value is: see note.
//
// # Draw another figure
//
// What the catalogue of package results has is drawn by one entry in the list metrics:
//
//	{Figure: results.Involuntary, name: "preempted", title: "Preemptions against clients", axis: "switches", against: &byClients},
//
// Its panels, its rows where models are many, its caption, its files and its place on the page
// follow from that.
package figures
