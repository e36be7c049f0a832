package look

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Marker is a polygon, or a star where it has a waist.
type Marker struct {
	corners int
	turn    float64 // of the first corner, in radians from the right
	waist   float64 // radius between the corners, of the outer one; 0 is none
	size    float64 // of the others; 0 is 1
}

var (
	Infinity = Marker{corners: 3, turn: math.Pi / 2}
	Dot      = Marker{corners: 24, size: 0.5} // of a thin line
)

// Draw fills the marker and sets it off from what it covers by a rim of paper. A
// hollow one is paper with a rim of ink, so that lines do not show through.
func (m Marker) Draw(c *draw.Canvas, at vg.Point, col color.Color, hollow bool) {
	path := m.path(at)
	if hollow {
		c.SetColor(Paper)
		c.Fill(path)
		c.SetLineStyle(draw.LineStyle{Color: col, Width: rimWidth})
		c.Stroke(path)
		return
	}
	c.SetLineStyle(draw.LineStyle{Color: Paper, Width: rimWidth})
	c.Stroke(path)
	c.SetColor(col)
	c.Fill(path)
}

func (m Marker) path(at vg.Point) vg.Path {
	steps, outer := m.corners, float64(MarkerRadius)
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
