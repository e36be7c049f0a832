package plots

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Sizes in points; 720 points are 960 CSS pixels and, at pngDPI, 1600 dots.
const (
	figureWidth = vg.Length(720)
	margin      = vg.Length(14)
	panelHeight = vg.Length(262)
	tallHeight  = vg.Length(330) // with two lines a model
	panelGap    = vg.Length(18)
	panelTitle  = vg.Length(22) // what a panel's title takes above it
	axisWidth   = vg.Length(46) // what a panel's own axis takes, about

	titleSize    = vg.Length(14)
	subtitleSize = vg.Length(10)
	labelSize    = vg.Length(9.5)
	tickSize     = vg.Length(9)
	legendSize   = vg.Length(10)
	captionSize  = vg.Length(8.5)

	legendRow   = vg.Length(16)
	captionLine = vg.Length(11.5)
	sampleWidth = vg.Length(36) // of a line in the legend
	sampleGap   = vg.Length(5)  // to its name
	entryGap    = vg.Length(18)
)

// pngDPI is less in tests, which would spend most of their time on it.
var pngDPI = 160

// figure is a title, a legend, panels side by side and a caption.
type figure struct {
	metric
	subtitle string
	panels   []*panel
	values   []float64 // that were tried, from left to right
	models   []string  // that are drawn, in the legend's order
	caption  []string  // by lines
}

// save writes the figure as SVG and PNG into dir.
func (f *figure) save(dir string) ([]string, error) {
	var paths []string
	for _, format := range []struct {
		ext    string
		render func() ([]byte, error)
	}{{".svg", f.svg}, {".png", f.png}} {
		path := filepath.Join(dir, f.name+format.ext)
		content, err := format.render()
		if err != nil {
			return paths, fmt.Errorf("draw figure %s: %w", path, err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return paths, fmt.Errorf("write figure: %w", err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func (f *figure) svg() ([]byte, error) {
	canvas := vgsvg.New(figureWidth, f.height())
	f.draw(draw.New(canvas))
	content, err := written(canvas)
	// Few machines but Linux ones have Liberation Sans; Arial has its metrics.
	content = bytes.ReplaceAll(content, []byte("font-family:Liberation Sans;"),
		[]byte("font-family:'Liberation Sans',Arial,Helvetica,sans-serif;"))
	return content, err
}

func (f *figure) png() ([]byte, error) {
	canvas := vgimg.NewWith(vgimg.UseWH(figureWidth, f.height()), vgimg.UseDPI(pngDPI))
	f.draw(draw.New(canvas))
	return written(vgimg.PngCanvas{Canvas: canvas})
}

func written(w io.WriterTo) ([]byte, error) {
	var b bytes.Buffer
	_, err := w.WriteTo(&b)
	return b.Bytes(), err
}

// height is what all parts need below each other; see draw.
func (f *figure) height() vg.Length {
	return margin + f.headHeight() + vg.Length(f.rows())*f.panelHeight() + f.captionHeight() + margin
}

func (f *figure) panelHeight() vg.Length {
	if f.beside != nil {
		return tallHeight
	}
	return panelHeight
}

func (f *figure) headHeight() vg.Length {
	return titleSize + 6 + subtitleSize + 8 + vg.Length(len(f.legend()))*legendRow + 6
}

func (f *figure) captionHeight() vg.Length {
	return 8 + vg.Length(len(f.caption))*captionLine
}

// columns is how many panels stand side by side: many models need wide ones, and
// of four a row of three would leave one alone.
func (f *figure) columns() int {
	most := 3
	if len(f.models) > 8 {
		most = 2
	}
	rows := (len(f.panels) + most - 1) / most
	return (len(f.panels) + rows - 1) / rows
}

func (f *figure) rows() int { return (len(f.panels) + f.columns() - 1) / f.columns() }

// panelWidth is that of a panel's data, about.
func (f *figure) panelWidth() vg.Length {
	columns := vg.Length(f.columns())
	return (figureWidth-2*margin-(columns-1)*panelGap)/columns - axisWidth
}

func (f *figure) draw(c draw.Canvas) {
	c.SetColor(paper)
	c.Fill(c.Rectangle.Path())
	c = draw.Crop(c, margin, -margin, margin, -margin)
	f.drawHead(&c)
	f.drawCaption(&c)
	f.drawPanels(draw.Crop(c, 0, 0, f.captionHeight(), -f.headHeight()))
}

// drawHead draws title, subtitle and legend down from the top.
func (f *figure) drawHead(c *draw.Canvas) {
	y := c.Max.Y - titleSize
	c.FillText(textStyle(titleSize, ink), vg.Point{X: c.Min.X, Y: y}, f.title)
	y -= 6 + subtitleSize
	c.FillText(textStyle(subtitleSize, faded), vg.Point{X: c.Min.X, Y: y}, f.subtitle)
	y -= 8
	f.drawLegend(c, y)
}

// balance wraps a caption into as few lines as it can, of about the same length:
// a last line of one word looks like a mistake.
func balance(caption string) []string {
	style, width := textStyle(captionSize, faded), figureWidth-2*margin
	lines := wrap(caption, style, width)
	for {
		width -= 2 * captionSize
		narrower := wrap(caption, style, width)
		if len(narrower) > len(lines) || width < figureWidth/2 {
			return lines
		}
		lines = narrower
	}
}

func (f *figure) drawCaption(c *draw.Canvas) {
	for i, line := range f.caption {
		y := c.Min.Y + vg.Length(len(f.caption)-1-i)*captionLine + 2
		c.FillText(textStyle(captionSize, faded), vg.Point{X: c.Min.X, Y: y}, line)
	}
}

// wrap breaks words into lines of at most the given width; a longer word has a
// line of its own.
func wrap(words string, style text.Style, width vg.Length) []string {
	var lines []string
	for _, word := range strings.Fields(words) {
		last := len(lines) - 1
		if last >= 0 && style.Width(lines[last]+" "+word) <= width {
			lines[last] += " " + word
			continue
		}
		lines = append(lines, word)
	}
	return lines
}

// drawPanels draws the panels in rows, their data areas aligned.
func (f *figure) drawPanels(c draw.Canvas) {
	tiles := draw.Tiles{Rows: f.rows(), Cols: f.columns(), PadX: panelGap, PadTop: panelTitle, PadY: panelTitle + 10, PadRight: 4}
	plots := f.plots(tiles)
	canvases := plot.Align(plots, tiles, c)
	for i, panel := range f.panels {
		p, canvas := plots[i/tiles.Cols][i%tiles.Cols], canvases[i/tiles.Cols][i%tiles.Cols]
		p.Draw(canvas)
		data := p.DataCanvas(canvas)
		c.FillText(textStyle(labelSize, ink), vg.Point{X: data.Min.X, Y: data.Max.Y + 11}, panel.title())
	}
}

// plots lays the panels out; the tiles left over at the end are nil. On a common
// scale only the first of a row has its values labelled.
func (f *figure) plots(tiles draw.Tiles) [][]*plot.Plot {
	plots := make([][]*plot.Plot, tiles.Rows)
	for i := range plots {
		plots[i] = make([]*plot.Plot, tiles.Cols)
	}
	x, y := f.against.scale(f.values, f.panelWidth()), f.valueScales()
	for i, p := range f.panels {
		row, col := i/tiles.Cols, i%tiles.Cols
		if col > 0 {
			y[i].label = ""
			if f.commonScale() {
				y[i] = unlabelled(y[i])
			}
		}
		plots[row][col] = p.plot(x, y[i])
	}
	return plots
}

// unlabelled keeps the ticks that have labels, for the grid, without these.
func unlabelled(s scale) scale {
	ticks := make(plot.ConstantTicks, len(s.ticks))
	for i, tick := range s.ticks {
		if !tick.IsMinor() {
			tick.Label = " "
		}
		ticks[i] = tick
	}
	s.ticks = ticks
	return s
}
