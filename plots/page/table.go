package page

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/document"
)

// section is a part of a page with a link to it from the page's head: a document, or
// figures.
type section struct {
	ID, Title string
	Note      string // on how it is used
	Filters   *filters
	Blocks    []block
	Figures   []drawing
}

// block is one of a document, with its table as the page shows it.
type block struct {
	document.Block
	Table *table
}

// table is one that can be sorted by any column, and filtered by row. A row opens to the
// trials behind it.
type table struct {
	*document.Table
	ID, Label string
	Rows      []row
}

// row is one whose place among those of the page's data is counted from 1; 0 is one that
// does not open.
type row struct {
	document.Row
	Place int
	Name  string
}

// add adds a document as a section, unless it says nothing.
func (p *page) add(id, title, note string, d document.Document) {
	if len(d.Blocks) == 0 {
		return
	}
	s := section{ID: id, Title: title, Note: note}
	for i := range d.Blocks {
		b := block{Block: d.Blocks[i]}
		if b.Block.Table != nil {
			b.Table = p.table(fmt.Sprintf("%s-%d", id, i), &b.Block)
		}
		s.Blocks = append(s.Blocks, b)
	}
	p.Sections = append(p.Sections, s)
}

// table is a block's, the trials behind whose rows go to the page's data.
func (p *page) table(id string, b *document.Block) *table {
	t := &table{Table: b.Table.OnPage(), ID: id, Label: b.Heading}
	for _, r := range t.Table.Rows {
		t.Rows = append(t.Rows, row{r, p.Data.addRow(t, r), t.named(r)})
	}
	return t
}

// named is the name of a row, without the mark that it has where nothing else shows it.
func (t *table) named(r document.Row) string {
	for i, c := range t.Columns {
		if c.Names {
			return strings.TrimSpace(strings.TrimPrefix(r.Cells[i].Text, "! "))
		}
	}
	return ""
}

// Flagged reports whether the row must not be ranked.
func (r row) Flagged() bool { return r.Source != nil && r.Source.Flagged }

// Tag is what is special about the row.
func (r row) Tag() string {
	if r.Source == nil {
		return ""
	}
	return r.Source.Tag
}

// sortKey is a cell's value as the script reads it, also infinity; that of none is empty.
func sortKey(c document.Cell) string {
	switch v := c.Value.(type) {
	case nil:
		return ""
	case float64:
		return strings.Replace(strconv.FormatFloat(v, 'g', -1, 64), "Inf", "Infinity", 1)
	case results.Nanos:
		return sortKey(document.Cell{Value: float64(v)})
	default:
		return fmt.Sprint(v)
	}
}

// drawing is a figure as the page shows it, whose words are the page's own and whose SVG
// holds all texts escaped.
type drawing struct {
	look.Figure
	SVG template.HTML
}

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
