package plots

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
)

// modelDataOf is the model's look as the page's script draws it.
func modelDataOf(model string) modelData {
	l := lookOf(model)
	d := modelData{Name: model, Colour: slices.Index(palette, l.color), Marker: svgPath(l.marker.path(vg.Point{}))}
	var dashes []string
	for _, dash := range l.dashes {
		dashes = append(dashes, strconv.FormatFloat(dash.Points(), 'f', -1, 64))
	}
	d.Dashes = strings.Join(dashes, " ")
	return d
}

// svgPath turns a path of straight lines over, as SVG counts downwards.
func svgPath(path vg.Path) string {
	var b strings.Builder
	for _, part := range path {
		switch part.Type {
		case vg.MoveComp:
			fmt.Fprintf(&b, "M%.2f %.2f", part.Pos.X.Points(), -part.Pos.Y.Points())
		case vg.LineComp:
			fmt.Fprintf(&b, "L%.2f %.2f", part.Pos.X.Points(), -part.Pos.Y.Points())
		case vg.CloseComp:
			b.WriteString("Z")
		}
	}
	return b.String()
}

// colours is the palette as variables of a style sheet, lighter on dark ground.
func colours() string {
	var light, dark strings.Builder
	for i, c := range palette {
		fmt.Fprintf(&light, "--c%d:#%02x%02x%02x;", i, c.R, c.G, c.B)
		mix := func(v uint8) uint8 { return v + uint8(0.35*float64(255-v)) }
		if c.R == 0 && c.G == 0 && c.B == 0 {
			mix = func(uint8) uint8 { return 0xF2 }
		}
		fmt.Fprintf(&dark, "--c%d:#%02x%02x%02x;", i, mix(c.R), mix(c.G), mix(c.B))
	}
	return ":root{" + light.String() + "}\n@media screen and (prefers-color-scheme:dark){:root{" + dark.String() + "}}\n"
}
