// Package document is how what was measured is said: once, for every reader.
//
// A [Document] is what a command has to say, in the order in which it is read: headings,
// lines of text and tables. It knows nothing of where it will be read. [Document.Text]
// writes it for a terminal of a width, [Document.Markdown] for a README, [Document.CSV] its main
// table for a spreadsheet, and as JSON a document is an object of its [Field]s, a table the
// list of its rows. The page of a report is made of the same documents; it has more room,
// and so there are columns, hints and links for it alone, and its rows open to the trials
// that they rest on, of which a row's [Source] knows.
//
// The other files build documents: [Points] the table of a run, [Rankings] which rows
// differ, [Resources], [Scalings], [Profiles] the comparison table, [Tunings], [Choice],
// [Claims], [Comparison] and [History]. A figure is written as the catalogue in package results has
// it, so that a new one is an entry there, and a column here if a table is to have it.
package document

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"connbench/results"
)

// Document is what there is to say, in order.
type Document struct {
	Verdict string // what it all comes to, in a sentence: the first line for people
	Blocks  []Block
	Fields  []Field // what it is in JSON
	More    string  // where to look further: the last line in a terminal
	Main    *Table  // what it is in CSV; nil for the first table
}

// Block is a part of a document, of which any may be missing: a heading, what leads up to
// a table, the table, and lines about it.
type Block struct {
	Heading string
	Lead    []string
	Table   *Table
	Lines   []string // each for itself, however long
	Indent  int      // of what stands below the heading in a terminal, then without space between
	Folded  string   // on the page these words close the table; what leads up to it is closed, but for its first line
	Anchor  string   // where a cell's Link on the page leads; empty where none does
	Outcome string   // what the page gives a colour; empty for most
}

// Field is a member of an object in JSON; a Value may be a [Table] or a [Document]. One
// whose Value is nil is left out.
type Field struct {
	Name  string
	Value any
}

// Table is rows of cells under the names of columns.
type Table struct {
	Columns []Column
	Rows    []Row
	Bare    bool          // without heads and lines, for people
	Tight   bool          // with less space between the columns, as there are many
	Trials  []TrialColumn // of the trials to which its rows open

	Continued bool // in a narrow terminal below, behind its first column again, so that nothing is left out
}

// TrialColumn is what the page shows of each trial to which a row opens.
type TrialColumn struct {
	Title string
	Text  func(*results.Trial) string
}

// Form is where a column is to be read; several can be joined.
type Form int

const (
	People Form = 1 << iota // in a terminal and in Markdown
	CSV
	JSON
	Page // of a report
)

// Column is a column of a table.
type Column struct {
	Title string // for people, a line break where there is little room
	Long  string // the same for who does not see the columns beside it; empty for Title
	Name  string // in CSV and JSON, with its unit; empty for neither
	Only  Form   // the forms that have it; 0 for all
	Left  bool   // aligned left: words, not numbers
	Wrap  int    // the least width at which its words may be wrapped; 0 for never
	hard  bool   // broken within words too
	Spare int    // where there is too little room the highest is left out first; 0 for never

	Names bool   // the rows, which the page opens by it
	Hint  string // for the page: what it is, for who does not know it
	More  bool   // is better, and comes first where the page is sorted by it
	Order bool   // the rows stand in it, on the page
}

// Row is a row of a table.
type Row struct {
	Cells  []Cell
	Break  bool    // a line stands before it
	Source *Source // nil of a row that the page does not open
}

// Source is what the page knows of a row beside its cells.
type Source struct {
	Key     results.Key // by which the page is narrowed; what all rows have in common may be missing
	Name    string      // where its table is not seen; empty for the key's model
	Flagged bool        // must not be ranked
	Tag     string      // what is special about it, in a word
	// Trials reports whether a trial is the row's, and whether figures of the row rest on it if
	// no later attempt at it stands. It is nil of a row that does not open.
	Trials func(*results.Trial) (its, rests bool)
}

// Cell is one of a row. Its text is for people, its value for programs; nil is what was
// not measured.
type Cell struct {
	Text  string
	Value any
	Said  string // what somebody says of it without a measurement
	Hint  string // for the page: what else is known of it
	Link  string // for the page: the [Block.Anchor] of what it is about
	Path  string // for the page: the file that is about it, as a path from there

	Below     string // for the page: what stands below it in small print, as the interval of its value
	Low, High any    // the bounds of that interval; nil where there is none
}

// Lines is a block of lines.
func Lines(lines ...string) Block { return Block{Lines: lines} }

// Join is documents as one, of which none has fields, with the first verdict.
func Join(all ...Document) Document {
	var d Document
	for _, one := range all {
		d.Verdict = cmp.Or(d.Verdict, one.Verdict)
		d.Blocks = append(d.Blocks, one.Blocks...)
	}
	return d
}

// Add appends blocks.
func (d *Document) Add(blocks ...Block) { d.Blocks = append(d.Blocks, blocks...) }

// OnPage is the table with the columns that the page of a report has.
func (t *Table) OnPage() *Table { return t.in(Page) }

// in is the table with the columns of a form only.
func (t *Table) in(f Form) *Table {
	return t.without(func(_ int, c Column) bool {
		return c.Only != 0 && c.Only&f == 0 || f&(CSV|JSON) != 0 && c.Name == ""
	})
}

// Texts appends a row of words.
func (t *Table) Texts(texts ...string) {
	t.add(results.Map(texts, words)...)
}

func (t *Table) add(cells ...Cell) { t.Rows = append(t.Rows, Row{Cells: cells}) }

// without leaves out the columns that the function names.
func (t *Table) without(out func(i int, c Column) bool) *Table {
	left := *t
	left.Columns, left.Rows = nil, nil
	for i, c := range t.Columns {
		if !out(i, c) {
			left.Columns = append(left.Columns, c)
		}
	}
	for _, r := range t.Rows {
		row := r
		row.Cells = nil
		for i, c := range r.Cells {
			if !out(i, t.Columns[i]) {
				row.Cells = append(row.Cells, c)
			}
		}
		left.Rows = append(left.Rows, row)
	}
	return &left
}

func figureColumn(f *results.Figure, spare int) Column {
	return Column{Title: f.Column(), Long: f.Title, Name: f.Name, Only: People | Page, Spare: spare, Hint: cmp.Or(f.Hint, f.Name), More: f.More}
}

// ofTrials are the columns of figures for the trials behind rows.
func ofTrials(figures ...*results.Figure) []TrialColumn {
	return results.Map(figures, func(f *results.Figure) TrialColumn {
		return TrialColumn{f.Title, func(t *results.Trial) string {
			v, known := f.Of(t)
			return of(f, v, known && t.Failure == "").Text
		}}
	})
}

// words is a cell of words, which are its value too.
func words(s string) Cell { return Cell{Text: s, Value: s} }

func count(n int) Cell { return Cell{Text: strconv.Itoa(n), Value: n} }

// data are columns for JSON alone, and values their cells.
func data(names ...string) []Column {
	return results.Map(names, func(name string) Column { return Column{Name: name, Only: JSON} })
}

// named are columns for programs.
func named(names ...string) []Column {
	return results.Map(names, func(name string) Column { return Column{Name: name, Only: CSV | JSON} })
}

func values(all ...any) []Cell { return results.Map(all, func(v any) Cell { return Cell{Value: v} }) }

// none is a cell of what was not measured.
var none = Cell{Text: results.Absent}

func of(f *results.Figure, v float64, known bool) Cell {
	if !known {
		return none
	}
	return Cell{Text: f.Text(v), Value: v}
}

// Where is lines on the machine, the CPUs and what bends the figures there. A nil
// environment has none.
func Where(env *results.Environment) []string {
	if env == nil {
		return nil
	}
	var lines []string
	if machine := env.Machine(); machine != "" {
		lines = append(lines, "machine: "+machine+", "+env.Where())
	}
	return slices.Concat(lines, []string{"CPUs: " + env.Placement()}, env.Warnings)
}

// Dotted joins the parts that are there: "echo · 64 B".
func Dotted(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}
