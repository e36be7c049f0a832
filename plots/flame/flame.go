// Package flame draws a CPU profile as a flame graph (Brendan Gregg, "The Flame Graph",
// CACM 59(6), 2016): a box for each function in the stacks, as wide as its share of the CPU
// time, below the function that called it; the root is on top, and what one function calls is
// in the order of the names. Colours say whose code it is.
//
// [Write] makes a file of its own, an SVG that needs nothing else and that any viewer of
// images draws; in a browser it can be searched, and zoomed by click and keyboard. [Fragment]
// is the same as a part of a page, which has [Style] and [Script] once and calls the script's
// function flame with each element of the class flame.
package flame

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html"
	"html/template"
	"io"
	"strings"

	"connbench/results"

	"github.com/google/pprof/profile"
)

// ErrEmpty says that a profile has no CPU time in it, and errTooLong that it has more than there is.
var (
	ErrEmpty   = errors.New("no samples of CPU time")
	errTooLong = errors.New("samples of more time than 64 bits hold")
)

// Style and Script are what flame graphs in a page need.
var (
	//go:embed flame.css
	Style string
	//go:embed flame.js
	Script string
)

// Sizes in pixels. The width is what a viewer without scripts draws.
const (
	width       = 1200
	rowHeight   = 18
	legendWidth = 185
	controls    = 66
	margin      = 8
)

// Write writes a profile as a file of its own. It fails with [ErrEmpty] where there is
// nothing to draw.
func Write(w io.Writer, p *profile.Profile, title string) error {
	g, err := newGraph(p)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	title = clean(title)
	rows := (len(g.kinds()) + 1) / 2
	top := 28 + rows*rowHeight
	height := top + controls + g.height() + len(g.notes())*rowHeight + 2*margin
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="flame file" width="%d" height="%d">`+"\n", width, height)
	fmt.Fprintf(&b, "<title>%s</title>\n<style>%s</style>\n", html.EscapeString(title), Style)
	fmt.Fprintf(&b, `<rect class="ground" width="100%%" height="100%%"/>`+"\n"+`<svg class="heading" height="24"><title>%[1]s</title><text x="%[2]d" y="18">%[1]s</text></svg>`+"\n", html.EscapeString(title), margin)
	for i, k := range g.kinds() {
		x, y := margin+i%2*legendWidth, 28+i/2*rowHeight
		fmt.Fprintf(&b, `<g class="%s"><rect x="%d" y="%d" width="12" height="12"/></g><text class="word" x="%d" y="%d">%s</text>`+"\n", k.class, x, y, x+18, y+11, k.name)
	}
	fmt.Fprintf(&b, `<foreignObject x="%d" y="%d" width="99%%" height="%d">%s</foreignObject>`+"\n", margin, top, controls, controlsOf("http://www.w3.org/1999/xhtml"))
	g.draw(&b, title, top+controls)
	for i, line := range g.notes() {
		fmt.Fprintf(&b, `<text class="word" x="%d" y="%d">%s</text>`+"\n", margin, top+controls+g.height()+(i+1)*rowHeight, html.EscapeString(line))
	}
	fmt.Fprintf(&b, "<script><![CDATA[\n%sflame(document.documentElement);\n]]></script>\n</svg>\n", Script)
	_, err = w.Write(b.Bytes())
	return err
}

// Fragment is a profile as a part of a page; see [Write].
func Fragment(p *profile.Profile, title string) (template.HTML, error) {
	g, err := newGraph(p)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<div class="flame" style="--rows: %d">`+"\n"+`<p class="legend">`, g.deep)
	for _, k := range g.kinds() {
		fmt.Fprintf(&b, `<span class="key %s"></span> %s `, k.class, k.name)
	}
	b.WriteString("</p>\n" + controlsOf("") + "\n")
	g.draw(&b, clean(title), 0)
	fmt.Fprintf(&b, `<p class="faint">%s</p>`+"\n</div>\n", html.EscapeString(strings.Join(g.notes(), "; ")))
	return template.HTML(b.String()), nil
}

// controlsOf are hidden until the script runs.
func controlsOf(namespace string) string {
	if namespace != "" {
		namespace = ` xmlns="` + namespace + `"`
	}
	return `<div class="controls" hidden="hidden"` + namespace + `><label>Search <input type="search" size="16"/></label> <button type="button" disabled="disabled">Whole</button><p role="status"></p></div>`
}

// draw draws the frames below y, which is beyond what is above them in a file.
func (g *graph) draw(b *bytes.Buffer, title string, y int) {
	fmt.Fprintf(b, `<svg class="frames" y="%d" width="100%%" height="%d" role="tree" aria-label="Flame graph: %s">`+"\n", y, g.height(), html.EscapeString(title))
	for _, f := range g.drawn {
		level := ` tabindex="-1"`
		if f == g.root {
			level = ` tabindex="0"`
		}
		share := float64(f.value) / float64(g.root.value)
		hide := ""
		if share < 0.02 {
			hide = ` display="none"` // until the script has measured it
		}
		fmt.Fprintf(b, `<svg class="f %s" x="%.4f%%" y="%d" width="%.4f%%" height="%d" role="treeitem" aria-level="%d"%s><title>%s`+"\n"+`%s</title><rect width="100%%" height="100%%"/><text x="3" y="13"%s>%s</text></svg>`+"\n",
			f.kind.class, 100*float64(f.start)/float64(g.root.value), f.depth*rowHeight, 100*share, rowHeight-1, f.depth+1, level,
			html.EscapeString(clean(f.name)), html.EscapeString(fmt.Sprintf("%s, %s", shareText(share), results.Nanos(f.value))), hide, html.EscapeString(short(clean(f.name))))
	}
	b.WriteString("</svg>\n")
}

// shareText is a share for people.
func shareText(share float64) string { return fmt.Sprintf("%.3g %%", 100*share) }
