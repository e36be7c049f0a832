package plots

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"path/filepath"


	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"connbench/results"
)

// Sizes in points; 720 points are 960 CSS pixels and, at DPI, 1600 dots.
const (
	figureWidth = vg.Length(720)
	margin      = vg.Length(14)
	textWidth   = figureWidth - 2*margin

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

// DPI is how many dots an inch of a PNG has. Tests set less, which would spend most of
// their time on it.
var DPI = 160

// sheet is what every figure is drawn on: title, subtitle and legend above a body, and
// a caption below it.
type sheet struct {
	name     string // of the files
	title    string
	subtitle string
	legend   [][]entry // by rows
	caption  []string  // by lines
	body
}

// body is what a figure shows. It needs so much height, and fills what it is given.
type body interface {
	height() vg.Length
	draw(draw.Canvas)
}

// ErrNoFigures is returned where there is nothing to draw.
var ErrNoFigures = errors.New("no point has figures to draw")

// saveAll writes sheets into dir, which it makes where it is missing. The paths written
// are returned, also with an error; what says of what the figures are.
func saveAll(dir string, sheets []*sheet, what string) (paths []string, err error) {
	if len(sheets) == 0 {
		return nil, fmt.Errorf("draw figures of %s: %w", what, ErrNoFigures)
	}
	if err := results.Subfolder(dir); err != nil {
		return nil, fmt.Errorf("make the folder of figures: %w", err)
	}
	for _, s := range sheets {
		written, err := s.save(dir)
		paths = append(paths, written...)
		if err != nil {
			return paths, err
		}
	}
	return paths, nil
}

// save writes the figure as SVG and PNG into dir.
func (s *sheet) save(dir string) ([]string, error) {
	var paths []string
	for _, format := range []struct {
		ext    string
		render func() ([]byte, error)
	}{{".svg", s.svg}, {".png", s.png}} {
		path := filepath.Join(dir, s.name+format.ext)
		content, err := format.render()
		if err != nil {
			return paths, fmt.Errorf("draw figure %s: %w", path, err)
		}
		if err := results.WriteFile(path, content); err != nil {
			return paths, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func (s *sheet) svg() ([]byte, error) {
	canvas := vgsvg.New(figureWidth, s.height())
	s.draw(draw.New(canvas))
	var b bytes.Buffer
	_, err := canvas.WriteTo(&b)
	// Few machines but Linux ones have Liberation Sans; Arial has its metrics.
	content := bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans;"),
		[]byte("font-family:'Liberation Sans',Arial,Helvetica,sans-serif;"))
	return content, err
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
	return margin + s.headHeight() + s.body.height() + s.captionHeight() + margin
}

func (s *sheet) headHeight() vg.Length {
	return titleSize + 6 + subtitleSize + 8 + vg.Length(len(s.legend))*legendRow + 6
}

func (s *sheet) captionHeight() vg.Length {
	return 8 + vg.Length(len(s.caption))*captionLine
}

func (s *sheet) draw(c draw.Canvas) {
	c.SetColor(paper)
	c.Fill(c.Rectangle.Path())
	c = draw.Crop(c, margin, -margin, margin, -margin)
	s.drawHead(&c)
	s.drawCaption(&c)
	s.body.draw(draw.Crop(c, 0, 0, s.captionHeight(), -s.headHeight()))
}

// drawHead draws title, subtitle and legend down from the top.
func (s *sheet) drawHead(c *draw.Canvas) {
	y := c.Max.Y - titleSize
	c.FillText(textStyle(titleSize, ink), vg.Point{X: c.Min.X, Y: y}, s.title)
	y -= 6 + subtitleSize
	c.FillText(textStyle(subtitleSize, faded), vg.Point{X: c.Min.X, Y: y}, s.subtitle)
	drawLegend(c, s.legend, y-8)
}

func (s *sheet) drawCaption(c *draw.Canvas) {
	for i, line := range s.caption {
		y := c.Min.Y + vg.Length(len(s.caption)-1-i)*captionLine + 2
		c.FillText(textStyle(captionSize, faded), vg.Point{X: c.Min.X, Y: y}, line)
	}
}
