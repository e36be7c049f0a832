package page

import (
	"fmt"
	"html/template"
	"slices"
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
	Blocks    []block
	Figures   []drawing
	Flames    []Flame
}

// block is one of a document, with its table as the page shows it.
type block struct {
	document.Block
	Table      *table
	Closed     bool     // the table, of which there are many
	Open, Rest []string // of what leads up to it: where something is folded, first its first line, and what a mark there means
}

// table is one that can be sorted by any column, and filtered by row. A row opens to the
// trials behind it.
type table struct {
	*document.Table
	ID, Label string
	Rows      []row
}

// row is one whose place among those of the page's data is counted from 1; 0 is one of which nothing is
// known but its cells.
type row struct {
	document.Row
	Place int
	Opens bool // to its trials
	Name  string
}

// maxOpen is how many rows of an answer's tables are open at first; the first table always is.
const maxOpen = 40

// add adds a document as a section, unless it says nothing.
func (p *page) add(id, title, note string, d document.Document) {
	if len(d.Blocks) == 0 {
		return
	}
	s := section{ID: id, Title: title, Note: note}
	rows := 0
	for i := range d.Blocks {
		b := block{Block: d.Blocks[i]}
		b.Open, b.Rest = b.leads()
		if b.Block.Table != nil {
			b.Table = p.table(fmt.Sprintf("%s-%d", id, i), &b.Block)
			b.Closed = b.Folded != "" && rows > 0 && rows+len(b.Table.Rows) > maxOpen
			rows += len(b.Table.Rows)
		}
		s.Blocks = append(s.Blocks, b)
	}
	p.Sections = append(p.Sections, s)
}

// leads parts what leads up to a table.
func (b *block) leads() (open, rest []string) {
	for i, line := range b.Lead {
		if i == 0 || b.Folded == "" || strings.HasPrefix(line, "* ") {
			open = append(open, line)
		} else {
			rest = append(rest, line)
		}
	}
	return open, rest
}

// table is a block's, the trials behind whose rows go to the page's data.
func (p *page) table(id string, b *document.Block) *table {
	t := &table{Table: b.Table.OnPage(), ID: id, Label: b.Heading}
	for _, r := range t.Table.Rows {
		place := p.Data.addRow(t, r)
		t.Rows = append(t.Rows, row{r, place, place > 0 && p.Data.Rows[place-1].Trials != nil, t.named(r)})
	}
	slices.SortStableFunc(t.Rows, func(a, b row) int { return rank(a) - rank(b) })
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

// rank is greater of rows that stand behind all others, however these are sorted.
func rank(r row) int {
	if r.Flagged() {
		return 1
	}
	return 0
}

// Tag is what is special about the row.
func (r row) Tag() string {
	if r.Source == nil {
		return ""
	}
	return r.Source.Tag
}

// sortKey is a value as the script reads it, also infinity; that of none is empty.
func sortKey(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case float64:
		return strings.Replace(strconv.FormatFloat(v, 'g', -1, 64), "+Inf", "Infinity", 1)
	case results.Nanos:
		return sortKey(float64(v))
	default:
		return fmt.Sprint(v)
	}
}

// tight is an interval that is broken before its "to" alone.
func tight(bounds string) string {
	return strings.ReplaceAll(strings.ReplaceAll(bounds, " ", "\u00a0"), "\u00a0to", " to")
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
		Note: "A pointer, a finger or the arrow keys show the value of a mark. The axes are those of all rows, whatever is chosen. Each figure is a file too, as SVG and as PNG; in a narrow window it is smaller, unless its full size is chosen.",
	}
	for _, f := range figures {
		s.Figures = append(s.Figures, drawing{f, template.HTML(f.Bare)})
	}
	p.Sections = append(p.Sections, s)
}
