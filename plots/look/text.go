package look

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// Sizes of texts along axes, in points.
const (
	LabelSize = vg.Length(9.5)
	TickSize  = vg.Length(9)
)

// Widths of lines, and the radius of a marker, in points.
const (
	lineWidth    = vg.Length(1.6)
	rimWidth     = vg.Length(1.1)
	BarWidth     = vg.Length(1)
	ThinWidth    = vg.Length(0.9)
	RuleWidth    = vg.Length(0.6)
	MarkerRadius = vg.Length(3.5)
)

// Text is a sans-serif of the given size in points; its zero alignment puts
// text to the right of and above a point.
func Text(size vg.Length, col color.Color) text.Style {
	return text.Style{
		Color:   col,
		Font:    font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size),
		Handler: plot.DefaultTextHandler,
	}
}
