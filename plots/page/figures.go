package page

import (
	"html/template"

	"connbench/plots/look"
)

// drawing is a figure as the page shows it, whose words are the page's own.
type drawing struct {
	Name, Title, Subtitle, Caption string
	SVG                            template.HTML
}

// drawings are the figures, whose SVGs hold all texts escaped.
func drawings(figures []look.Figure) []drawing {
	all := make([]drawing, len(figures))
	for i, f := range figures {
		all[i] = drawing{f.Name, f.Title, f.Subtitle, f.Caption, template.HTML(f.Bare)}
	}
	return all
}

// sectionsWith are those of a page with an answer, a table and, if there are any, figures.
func sectionsWith(figures []look.Figure) []section {
	sections := []section{{"answer", "Answer"}, {"table", "Table"}}
	if len(figures) > 0 {
		sections = append(sections, section{"figures", "Figures"})
	}
	return sections
}
