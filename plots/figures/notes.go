package figures

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"strings"

	"connbench/results"
	"connbench/results/document"
	"connbench/results/stats"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// note is what the page knows of a part of a figure, any of which may be missing.
type note struct {
	class string
	key   results.Key       // of the rows that it is of: what is not given is any
	line  int               // from 1: of a panel's marks and the lines through them
	row   int               // from 1: of a chart whose rows the page closes up where some are left out
	said  results.Sentences // of a mark: what it is of, then its values
	at    vg.Point          // where it is
}

// noted is the canvas of a figure for the page, on which what is drawn under a note is a group of
// the SVG that has the note as its attributes.
type noted struct {
	*vgsvg.Canvas
	notes []note
}

// under draws under a note, if the canvas is one for the page.
func (n note) under(c *draw.Canvas, drawn func()) {
	canvas, is := innermost(c).(*noted)
	if !is {
		drawn()
		return
	}
	canvas.notes = append(canvas.notes, n)
	canvas.Push()
	canvas.Scale(1, 1) // which opens a group, and nothing else here does
	drawn()
	canvas.Pop()
}

// innermost is the canvas that others are parts of.
func innermost(c *draw.Canvas) vg.Canvas {
	within := c.Canvas
	for {
		outer, is := within.(draw.Canvas)
		if !is {
			return within
		}
		within = outer.Canvas
	}
}

const openedGroup = `<g transform="scale(1,1)">`

// annotate puts the notes into the groups that were opened for them, in order.
func (c *noted) annotate(svg []byte) []byte {
	_, height := c.Size()
	parts := bytes.Split(svg, []byte(openedGroup))
	var b bytes.Buffer
	b.Write(parts[0])
	for i, part := range parts[1:] {
		b.WriteString(c.notes[i].group(height))
		b.Write(part)
	}
	return b.Bytes()
}

// group opens the note's group. The SVG counts from its top, of which the canvas knows the height.
func (n *note) group(height vg.Length) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<g class="%s"`, n.class)
	if key := filtered(n.key); key != "{}" {
		fmt.Fprintf(&b, ` data-key="%s"`, html.EscapeString(key))
	}
	if n.line > 0 {
		fmt.Fprintf(&b, ` data-line="%d"`, n.line)
	}
	if n.row > 0 {
		fmt.Fprintf(&b, ` data-row="%d"`, n.row)
	}
	if n.said != nil {
		fmt.Fprintf(&b, ` data-said="%s" data-at="%.5g,%.5g"`, html.EscapeString(strings.Join(n.said, "\n")), n.at.X.Points(), (height - n.at.Y).Points())
	}
	return b.String() + ">"
}

// filtered are those fields of a key by which the page is filtered, as an object in JSON.
func filtered(k results.Key) string {
	b, err := json.Marshal(struct {
		Model, Knobs, Work    string  `json:",omitempty"`
		Clients, PayloadBytes int     `json:",omitempty"`
		RateRPS               float64 `json:",omitempty"`
	}{k.Model, k.Knobs, k.Work, k.Clients, k.PayloadBytes, k.RateRPS})
	if err != nil {
		return "{}" // a rate that is no number has no place on an axis either
	}
	return string(b)
}

// saidOf is what a mark says: of which point it is, its value, and what is known around that.
func saidOf(p *stats.Point, title string, write func(float64) string, m mark) []string {
	lines := results.Sentences{p.Model, document.At(p.Key), title + ": " + write(m.y)}
	switch {
	case m.bounded:
		lines = append(lines, between(stats.Interval{Low: m.low, High: m.high}, write))
	case m.least < m.most:
		lines = append(lines, "trials from "+write(m.least)+" to "+write(m.most))
	}
	lines.When(m.hollow, "! "+document.FlagMeaning)
	return lines
}

func between(i stats.Interval, write func(float64) string) string {
	return "95 % interval: " + i.Bounds(write)
}

// axisTitle is an axis's label without how it is divided.
func axisTitle(label string) string {
	title, _, _ := strings.Cut(label, " (log scale)")
	return title
}
