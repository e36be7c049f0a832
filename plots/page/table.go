package page

import "slices"

// table is one that can be sorted by any column, and filtered by row. A row opens to the
// trials behind it.
type table struct {
	ID    string
	Label string // what it is a table of
	Heads []head // the first is of the rows' names
	Rows  []row
}

// head is a column's.
type head struct {
	Title, Hint   string
	Numeric, More bool // More is better
}

type row struct {
	Point   int // its place among the page's points
	Name    string
	Sort    string // by what it is sorted, if not by its name
	Tags    []string
	Flagged bool
	Cells   []cell
}

// cell is a figure by which rows are sorted, and its text; a Value of "" is none.
type cell struct {
	Value, Text, Range string
	Verdicts           []string
	Below              string // in small print
	Said               string // what somebody says of it without a measurement
	Wide               bool   // of words, not of a number
}

// Order is by what the row is sorted in the column of names.
func (r row) Order() string {
	if r.Sort != "" {
		return r.Sort
	}
	return r.Name
}

// Flagged reports whether any row is.
func (t table) Flagged() bool {
	return slices.ContainsFunc(t.Rows, func(r row) bool { return r.Flagged })
}
