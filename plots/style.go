package plots

import (
	"hash/fnv"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// modelOrder gives each model its look and its place in the legends. Append to
// it: an entry put between others changes the look of those after it. Models
// that it does not name get a look from their name.
var modelOrder = []string{
	"sequential", "goroutine", "pool", "reactor", "udp",
	"thread", "reactor-multi", "uring", "select", "poll", "pool-request", "goroutine-lean", "udp-batch",
	"gnet", "netpoll", "nbio", "gaio", "thread-netpoll",
	"python-threading", "python-selectors", "python-asyncio",
	"reactor-pool", "prefork", "udp-multi",
	"python-sequential", "python-socketserver", "python-socketserver-threading", "python-udp",
}

// palette is Okabe and Ito's, which people with any colour vision can tell
// apart, without its yellow, which white paper swallows.
var palette = []color.NRGBA{
	{R: 0xD5, G: 0x5E, A: 0xFF},          // vermillion
	{G: 0x72, B: 0xB2, A: 0xFF},          // blue
	{G: 0x9E, B: 0x73, A: 0xFF},          // bluish green
	{A: 0xFF},                            // black
	{R: 0xE6, G: 0x9F, A: 0xFF},          // orange
	{R: 0xCC, G: 0x79, B: 0xA7, A: 0xFF}, // reddish purple
	{R: 0x56, G: 0xB4, B: 0xE9, A: 0xFF}, // sky blue
	{R: 0x80, G: 0x80, B: 0x80, A: 0xFF}, // grey
}

var dashes = [][]vg.Length{
	nil,
	{7, 2.5},
	{2.5, 2},
	{7, 2, 1.5, 2},
	{4, 2},
	{10, 3},
	{7, 2, 1.5, 2, 1.5, 2},
}

// markers hold no triangle on its base: that is infinity.
var markers = []marker{
	{corners: 24},
	{corners: 4, turn: math.Pi / 4},
	{corners: 4},
	{corners: 3, turn: -math.Pi / 2},
	{corners: 5, turn: math.Pi / 2},
	{corners: 4, turn: math.Pi / 4, waist: 0.35},
	{corners: 3},
	{corners: 5, turn: math.Pi / 2, waist: 0.45},
	{corners: 3, turn: math.Pi},
}

var (
	infinityMarker = marker{corners: 3, turn: math.Pi / 2}
	dot            = marker{corners: 24, size: 0.5} // of a thin line
)

const (
	lineWidth    = vg.Length(1.6)
	thinWidth    = vg.Length(0.9)
	rimWidth     = vg.Length(1.1)
	barWidth     = vg.Length(1)
	ruleWidth    = vg.Length(0.6)
	markerRadius = vg.Length(3.5)
)

var (
	ink   = color.NRGBA{R: 0x22, G: 0x22, B: 0x22, A: 0xFF}
	faded = color.NRGBA{R: 0x55, G: 0x55, B: 0x55, A: 0xFF}
	rule  = color.NRGBA{R: 0xE2, G: 0xE2, B: 0xE2, A: 0xFF}
	paper = color.NRGBA{R: 0xFF, G: 0xFF, B: 0xFF, A: 0xFF}
)

// look is how a model is drawn, in all figures.
type look struct {
	color  color.NRGBA
	dashes []vg.Length
	marker marker
}

// lookOf is model's look. The sizes of palette, dashes and markers have no common
// factor, so that no two of the first 504 looks are the same, even in grey.
func lookOf(model string) look {
	i := slices.Index(modelOrder, model)
	if i < 0 {
		h := fnv.New32a()
		h.Write([]byte(model))
		i = len(modelOrder) + int(h.Sum32()%uint32(len(palette)*len(dashes)*len(markers)-len(modelOrder)))
	}
	return look{palette[i%len(palette)], dashes[i%len(dashes)], markers[i%len(markers)]}
}

func (l look) line() draw.LineStyle {
	return draw.LineStyle{Color: l.color, Width: lineWidth, Dashes: l.dashes}
}

// thinLine is that of what is drawn for comparison.
func thinLine(c color.Color) draw.LineStyle {
	return draw.LineStyle{Color: c, Width: thinWidth, Dashes: []vg.Length{2.5, 2}}
}

// bar is the line from minimum to maximum.
func (l look) bar() draw.LineStyle {
	return draw.LineStyle{Color: l.color, Width: barWidth}
}

// byModelOrder sorts the models named in modelOrder first, in its order.
func byModelOrder(a, b string) int {
	place := func(model string) int {
		if i := slices.Index(modelOrder, model); i >= 0 {
			return i
		}
		return len(modelOrder)
	}
	return place(a) - place(b)
}

// marker is a polygon, or a star where it has a waist.
type marker struct {
	corners int
	turn    float64 // of the first corner, in radians from the right
	waist   float64 // radius between the corners, of the outer one; 0 is none
	size    float64 // of the others; 0 is 1
}

// draw fills the marker and sets it off from what it covers by a rim of paper. A
// hollow one is paper with a rim of ink, so that lines do not show through.
func (m marker) draw(c *draw.Canvas, at vg.Point, col color.Color, hollow bool) {
	path := m.path(at)
	if hollow {
		c.SetColor(paper)
		c.Fill(path)
		c.SetLineStyle(draw.LineStyle{Color: col, Width: rimWidth})
		c.Stroke(path)
		return
	}
	c.SetLineStyle(draw.LineStyle{Color: paper, Width: rimWidth})
	c.Stroke(path)
	c.SetColor(col)
	c.Fill(path)
}

func (m marker) path(at vg.Point) vg.Path {
	steps, outer := m.corners, float64(markerRadius)
	switch {
	case m.corners == 3 || m.waist > 0:
		outer *= 1.25 // such a shape covers less than a circle of its radius
	case m.corners == 4:
		outer *= 1.1
	}
	if m.waist > 0 {
		steps *= 2
	}
	if m.size > 0 {
		outer *= m.size
	}
	var path vg.Path
	for i := range steps {
		radius := outer
		if m.waist > 0 && i%2 == 1 {
			radius *= m.waist
		}
		sin, cos := math.Sincos(m.turn + 2*math.Pi*float64(i)/float64(steps))
		corner := vg.Point{X: at.X + vg.Length(radius*cos), Y: at.Y + vg.Length(radius*sin)}
		if i == 0 {
			path.Move(corner)
			continue
		}
		path.Line(corner)
	}
	path.Close()
	return path
}

// textStyle is a sans-serif of the given size in points; its zero alignment puts
// text to the right of and above a point.
func textStyle(size vg.Length, col color.Color) text.Style {
	return text.Style{
		Color:   col,
		Font:    font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size),
		Handler: plot.DefaultTextHandler,
	}
}
