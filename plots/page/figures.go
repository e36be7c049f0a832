package page

import (
	"html/template"

	"connbench/plots/look"
)

// drawing is a figure as the page shows it, whose words are the page's own and whose SVG
// holds all texts escaped.
type drawing struct {
	look.Figure
	SVG template.HTML
}

// addFigures adds a section of figures, if there are any.
func (p *page) addFigures(figures []look.Figure) {
	if len(figures) == 0 {
		return
	}
	s := section{
		ID: "figures", Title: "Figures",
		Note: "Figures are of all rows, whatever is chosen above; their values stand in the tables. Each is a file too, as SVG and as PNG. In a narrow window they scroll sideways.",
	}
	for _, f := range figures {
		s.Figures = append(s.Figures, drawing{f, template.HTML(f.Bare)})
	}
	p.Sections = append(p.Sections, s)
}
