package look

import (
	"hash/fnv"
	"image/color"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Order is the names of models in the order of legends. A model's place gives it its
// look too, so figures that are to be set beside each other have to be drawn with the
// same order. A name that is not in it stands behind those that are, and has a look that
// follows from the name alone.
type Order []string

// Look is how a model is drawn.
type Look struct {
	Color  color.NRGBA
	Dashes []vg.Length
	Marker Marker
}

// Of is the look of a model.
func (o Order) Of(model string) Look {
	if i := slices.Index(o, model); i >= 0 {
		return Nth(i)
	}
	h := fnv.New32a()
	h.Write([]byte(model))
	free := max(1, distinct-len(o))
	return Nth(len(o) + int(h.Sum32()%uint32(free)))
}

// Compare sorts the names of the order first, as that has them. Others are alike.
func (o Order) Compare(a, b string) int {
	place := func(model string) int {
		if i := slices.Index(o, model); i >= 0 {
			return i
		}
		return len(o)
	}
	return place(a) - place(b)
}

// distinct is how many looks there are: as the sizes of palette, dashes and markers have
// no common factor, no two of so many are the same, even in grey.
var distinct = len(palette) * len(dashes) * len(markers)

// Nth is the look of the i-th of things that are no models, counted from 0.
func Nth(i int) Look {
	return Look{palette[i%len(palette)], dashes[i%len(dashes)], markers[i%len(markers)]}
}

// Line is that through the marks of a model.
func (l Look) Line() draw.LineStyle {
	return draw.LineStyle{Color: l.Color, Width: lineWidth, Dashes: l.Dashes}
}

// Bar is the line from minimum to maximum.
func (l Look) Bar() draw.LineStyle {
	return draw.LineStyle{Color: l.Color, Width: BarWidth}
}

// Thin is the line through what is drawn for comparison.
func Thin(c color.Color) draw.LineStyle {
	return draw.LineStyle{Color: c, Width: ThinWidth, Dashes: []vg.Length{2.5, 2}}
}

// Figure is a drawn figure.
type Figure struct {
	Name                     string // of its files, without what says their format
	Title, Subtitle, Caption string
	SVG, PNG                 []byte // these stand alone, with all that is said above
	// Bare is an SVG without title, subtitle, caption and ground, for a page that says these in
	// its own texts. It names no font and has no size of its own.
	Bare []byte
	Tall bool // Bare is taller than it is wide
}
