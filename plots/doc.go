// Package plots holds nothing itself but three rooms, of which the later ones build on the
// first: [connbench/plots/look] has what all figures and the page share, that is colours, how
// a model is drawn and axes; [connbench/plots/figures] draws what was measured, as SVG and
// PNG; [connbench/plots/page] is the report, a page that loads nothing and shows figures that
// it is given.
package plots
