package figures

import (
	"bytes"
	"fmt"
	"image/png"
	"path/filepath"
	"strings"

	"connbench/plots/look"
	"connbench/results"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Sizes in points; 720 points are 960 CSS pixels and, at DPI, 1600 dots.
const (
	figureWidth = vg.Length(720)
	margin      = vg.Length(14)
	textWidth   = figureWidth - 2*margin

	titleSize    = vg.Length(14)
	subtitleSize = vg.Length(10)
	legendSize   = vg.Length(10)
	captionSize  = vg.Length(8.5)

	legendRow   = vg.Length(16)
	captionLine = vg.Length(11.5)
	sampleWidth = vg.Length(36) // of a line in the legend
	sampleGap   = vg.Length(5)  // to its name
	entryGap    = vg.Length(18)
)

// DPI is how many dots an inch of a PNG has; with none nothing is drawn. Tests set less, which
// would spend most of their time on it.
var DPI = 160

// sheet is what every figure is drawn on: title, subtitle and legend above a body, and
// a caption below it.
type sheet struct {
	name     string // of the files
	title    string
	subtitle string
	legend   [][]entry // by rows
	caption  string
	lines    []string // of the caption
	body
}

// body is what a figure shows. It needs so much height, and fills what it is given.
type body interface {
	height() vg.Length
	draw(draw.Canvas)
}

func drawn(sheets []*sheet) ([]look.Figure, error) {
	var all []look.Figure
	if DPI == 0 {
		return nil, nil
	}
	for _, s := range sheets {
		f, err := s.figure()
		if err != nil {
			return nil, fmt.Errorf("draw figure %s: %w", s.name, err)
		}
		all = append(all, f)
	}
	return all, nil
}

func (s *sheet) figure() (f look.Figure, err error) {
	s.lines = balance(s.caption)
	f = look.Figure{Name: s.name, Title: s.title, Subtitle: s.subtitle, Caption: s.caption}
	if f.SVG, err = s.svg("font-family:'Liberation Sans',Arial,Helvetica,sans-serif;"); err != nil {
		return f, err
	}
	if f.PNG, err = s.png(); err != nil {
		return f, err
	}
	bare := &sheet{legend: s.legend, body: s.body}
	canvas := &noted{Canvas: vgsvg.New(figureWidth, bare.height())}
	bare.draw(draw.New(canvas))
	drawing, err := drawingOn(canvas.Canvas, "")
	if err != nil {
		return f, err
	}
	_, drawing, _ = bytes.Cut(drawing, []byte("\n<g "))
	f.Bare = fmt.Appendf(nil, `<svg viewBox="0 0 %g %g"><g %s`, figureWidth.Points(), bare.height().Points(), canvas.annotate(drawing))
	f.Tall = bare.height() > figureWidth
	return f, nil
}

// Save writes figures into dir as SVG and PNG; it makes the folder where it is missing and
// there are any. The paths written are returned, also with an error.
func Save(dir string, figures []look.Figure) (paths []string, err error) {
	if len(figures) == 0 {
		return nil, nil
	}
	if err := results.Subfolder(dir); err != nil {
		return nil, fmt.Errorf("make the folder of figures: %w", err)
	}
	for _, f := range figures {
		for _, file := range []struct {
			ext     string
			content []byte
		}{{".svg", f.SVG}, {".png", f.PNG}} {
			path := filepath.Join(dir, f.Name+file.ext)
			if err := results.WriteFile(path, file.content); err != nil {
				return paths, err
			}
			paths = append(paths, path)
		}
	}
	return paths, nil
}

// svg names fonts in the given words. A sheet without a title has no ground.
func (s *sheet) svg(fonts string) ([]byte, error) {
	canvas := vgsvg.New(figureWidth, s.height())
	s.draw(draw.New(canvas))
	return drawingOn(canvas, fonts)
}

// drawingOn is what was drawn, with fonts named in the given words.
func drawingOn(canvas *vgsvg.Canvas, fonts string) ([]byte, error) {
	var b bytes.Buffer
	_, err := canvas.WriteTo(&b)
	// Few machines but Linux ones have Liberation Sans; Arial has its metrics.
	const regular = "font-variant:normal;font-weight:normal;font-style:normal;"
	return bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans;"+regular), []byte(fonts)), err
}

func (s *sheet) png() ([]byte, error) {
	canvas := vgimg.NewWith(vgimg.UseWH(figureWidth, s.height()), vgimg.UseDPI(DPI))
	s.draw(draw.New(canvas))
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed} // most of the time goes there, and little of the size
	err := encoder.Encode(&b, canvas.Image())
	return b.Bytes(), err
}

// height is what all parts need below each other; see draw.
func (s *sheet) height() vg.Length {
	return 2*s.margin() + s.headHeight() + s.body.height() + s.captionHeight()
}

// margin is less around a sheet that has its title elsewhere.
func (s *sheet) margin() vg.Length {
	if s.title == "" {
		return 2
	}
	return margin
}

func (s *sheet) headHeight() vg.Length {
	legend := vg.Length(len(s.legend)) * legendRow
	if s.title == "" {
		return legend
	}
	return titleSize + 6 + subtitleSize + 8 + legend + 6
}

func (s *sheet) captionHeight() vg.Length {
	return 8 + vg.Length(len(s.lines))*captionLine
}

func (s *sheet) draw(c draw.Canvas) {
	if s.title != "" {
		c.SetColor(look.Paper)
		c.Fill(c.Rectangle.Path())
	}
	c = draw.Crop(c, margin, -margin, s.margin(), -s.margin())
	s.drawHead(&c)
	s.drawCaption(&c)
	s.body.draw(draw.Crop(c, 0, 0, s.captionHeight(), -s.headHeight()))
}

func (s *sheet) drawHead(c *draw.Canvas) {
	y := c.Max.Y
	if s.title != "" {
		y -= titleSize
		c.FillText(look.Text(titleSize, look.Ink), vg.Point{X: c.Min.X, Y: y}, s.title)
		y -= 6 + subtitleSize
		c.FillText(look.Text(subtitleSize, look.Faded), vg.Point{X: c.Min.X, Y: y}, s.subtitle)
		y -= 8
	}
	drawLegend(c, s.legend, y)
}

func (s *sheet) drawCaption(c *draw.Canvas) {
	for i, line := range s.lines {
		y := c.Min.Y + vg.Length(len(s.lines)-1-i)*captionLine + 2
		c.FillText(look.Text(captionSize, look.Faded), vg.Point{X: c.Min.X, Y: y}, line)
	}
}

// balance wraps a caption into as few lines as it can, of about the same length:
// a last line of one word looks like a mistake.
func balance(caption string) []string {
	style, width := look.Text(captionSize, look.Faded), textWidth
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
