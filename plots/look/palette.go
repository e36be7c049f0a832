package look

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
)

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
var markers = []Marker{
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

// Colours of what is no model.
var (
	Ink    = grey(0x22) // of texts
	Faded  = grey(0x55) // of texts that explain, and of axes
	Frame  = grey(0x99)
	Ghost  = grey(0xCF) // of the curves behind a panel's own
	Rule   = grey(0xE2)
	Shade  = grey(0xF1) // of a part of the ground
	Paper  = grey(0xFF)
	Marked = color.NRGBA{R: 0xFB, G: 0xEE, B: 0xE2, A: 0xFF} // the ground of what is recommended
	Accent = palette[0]                                      // the frame around it
)

func grey(v uint8) color.NRGBA { return color.NRGBA{R: v, G: v, B: v, A: 0xFF} }

// Translucent is a colour through which others are seen, at 0 all of them.
func Translucent(c color.NRGBA, alpha uint8) color.NRGBA {
	c.A = alpha
	return c
}

// onDark are the colours that stand for those above on dark ground.
var onDark = map[color.NRGBA]color.NRGBA{
	Ink: grey(0xE6), Faded: grey(0xAB), Frame: grey(0x88), Ghost: grey(0x4A), Rule: grey(0x3A), Shade: grey(0x26),
	Paper: {R: 0x14, G: 0x17, B: 0x1B, A: 0xFF}, Marked: {R: 0x3A, G: 0x2A, B: 0x1B, A: 0xFF}, palette[3]: grey(0xF2),
}

// DarkStyle are rules of a style sheet that put the colours for dark ground into the SVGs
// of [Figure.Bare] below the given selector. The rules for colours that are not of this
// package, as the shades of a heat map, are missing on purpose: such a colour has its own
// text on it.
func DarkStyle(selector string) string {
	var b strings.Builder
	// An SVG leaves out what is black, as that is how shapes are filled.
	fmt.Fprintf(&b, "%s svg{fill:%s}\n", selector, hex(onDark[palette[3]]))
	rules := func(c, dark color.NRGBA) {
		for _, property := range []string{"fill", "stroke"} {
			fmt.Fprintf(&b, "%s [style*=%q]{%[3]s:%s!important}\n", selector, property+":"+hex(c), property, hex(dark))
		}
	}
	for _, c := range []color.NRGBA{Ink, Faded, Frame, Ghost, Rule, Shade, Paper, Marked} {
		rules(c, onDark[c])
	}
	for _, c := range palette {
		dark, own := onDark[c]
		if !own {
			dark = lighter(c)
		}
		rules(c, dark)
	}
	return b.String()
}

func lighter(c color.NRGBA) color.NRGBA {
	mix := func(v uint8) uint8 { return v + uint8(0.35*float64(255-v)) }
	return color.NRGBA{R: mix(c.R), G: mix(c.G), B: mix(c.B), A: c.A}
}

// hex is a colour as SVGs have it.
func hex(c color.NRGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }
