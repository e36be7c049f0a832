package figures

import (
	"connbench/plots/look"
	"connbench/results"

	"cmp"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	// maxDirect is up to how many curves are labelled where they end: more labels would
	// not fit beside each other.
	maxDirect   = 8
	directSize  = vg.Length(9)
	directGap   = vg.Length(11.5) // between the labels' lines
	leaderWidth = vg.Length(16)   // from the data's edge to a label
)

// directWidth is what labels beside panels take.
func directWidth(panels []*panel) vg.Length {
	widest := vg.Length(0)
	for _, p := range panels {
		for _, c := range p.curves {
			widest = max(widest, look.Text(directSize, look.Ink).Width(c.model))
		}
	}
	return leaderWidth + 8 + widest
}

// drawLabels names the curves to the right of the data, each at its end or as near as
// the others let it.
func (p *panel) drawLabels(data draw.Canvas, on *plot.Plot) {
	var named []*curve
	for _, c := range results.Each(p.curves) {
		if !c.thin && len(c.marks) > 0 {
			named = append(named, c)
		}
	}
	end := func(c *curve) vg.Point {
		last := c.marks[len(c.marks)-1]
		return c.place(data, on, last.x, last.y)
	}
	slices.SortStableFunc(named, func(a, b *curve) int { return cmp.Compare(end(a).Y, end(b).Y) })
	wanted := make([]vg.Length, len(named))
	for i, c := range named {
		wanted[i] = end(c).Y
	}
	for i, y := range spread(wanted, directGap, data.Min.Y+4, data.Max.Y) {
		named[i].note().under(&data, func() { named[i].drawLabel(data, end(named[i]), y) })
	}
}

// drawLabel names the curve, which ends at a point, at a height.
func (c *curve) drawLabel(data draw.Canvas, end vg.Point, y vg.Length) {
	at := vg.Point{X: data.Max.X + leaderWidth, Y: y}
	leader := draw.LineStyle{Color: look.Translucent(c.Color, leaderAlpha), Width: look.ThinWidth}
	data.StrokeLine2(leader, end.X+look.MarkerRadius+1, end.Y, at.X-4, at.Y)
	c.Marker.Draw(&data, at, c.Color, false)
	data.FillText(look.Text(directSize, look.Ink), vg.Point{X: at.X + 7, Y: at.Y - directSize/3}, c.model)
}

// spread moves ascending positions apart until neighbours have at least the gap, within
// lo and hi as far as there is room, and no farther than that takes: those that would
// touch are centred on where they wanted to be.
func spread(wanted []vg.Length, gap, lo, hi vg.Length) []vg.Length {
	type cluster struct {
		first, n int
		middle   vg.Length
	}
	bottom := func(c cluster) vg.Length {
		extent := vg.Length(c.n-1) * gap
		return max(lo, min(c.middle-extent/2, hi-extent))
	}
	var clusters []cluster
	for i, y := range wanted {
		clusters = append(clusters, cluster{i, 1, y})
		for len(clusters) > 1 {
			a, b := clusters[len(clusters)-2], clusters[len(clusters)-1]
			if bottom(b) >= bottom(a)+vg.Length(a.n)*gap {
				break
			}
			n := a.n + b.n
			middle := (vg.Length(a.n)*a.middle + vg.Length(b.n)*b.middle) / vg.Length(n)
			clusters = append(clusters[:len(clusters)-2], cluster{a.first, n, middle})
		}
	}
	placed := make([]vg.Length, len(wanted))
	for _, c := range clusters {
		for i := range c.n {
			placed[c.first+i] = bottom(c) + vg.Length(i)*gap
		}
	}
	return placed
}

// entry is a line of the legend: a sample and its name.
type entry struct {
	name string
	line draw.LineStyle
	look *look.Look // of its marker; nil for none
}

// breakRows starts a new row where the figure ends.
func breakRows(entries []entry) [][]entry {
	var rows [][]entry
	used := vg.Length(0)
	for _, e := range entries {
		if len(rows) == 0 || used+e.width()-entryGap > textWidth {
			rows, used = append(rows, nil), 0
		}
		last := &rows[len(rows)-1]
		*last = append(*last, e)
		used += e.width()
	}
	return rows
}

func drawLegend(c *draw.Canvas, rows [][]entry, y vg.Length) {
	for _, row := range rows {
		y -= legendRow
		x := c.Min.X
		for _, e := range row {
			note{class: "line", key: e.key()}.under(c, func() { e.draw(c, vg.Point{X: x, Y: y + 4}) })
			x += e.width()
		}
	}
}

// key is that of the model, if the entry is one's.
func (e entry) key() (k results.Key) {
	if e.look != nil {
		k.Model = e.name
	}
	return k
}

func (e entry) draw(c *draw.Canvas, at vg.Point) {
	middle := at.Y + legendSize/3
	c.StrokeLine2(e.line, at.X, middle, at.X+sampleWidth, middle)
	if e.look != nil {
		e.look.Marker.Draw(c, vg.Point{X: at.X + sampleWidth/2, Y: middle}, e.look.Color, false)
	}
	c.FillText(look.Text(legendSize, look.Ink), vg.Point{X: at.X + sampleWidth + sampleGap, Y: at.Y}, e.name)
}

func (e entry) width() vg.Length {
	return sampleWidth + sampleGap + look.Text(legendSize, look.Ink).Width(e.name) + entryGap
}
