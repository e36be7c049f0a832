package document

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"

	"connbench/results"
)

// CSV writes a line of the columns' names and one for each row. Infinity is "inf", what
// was not measured is empty.
func (t *Table) CSV(w io.Writer) error {
	t = t.in(CSV)
	out := csv.NewWriter(w)
	record := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		record[i] = c.Name
	}
	_ = out.Write(record) // a failed write is kept by the writer and reported by Error
	for _, r := range t.Rows {
		for i := range r.Cells {
			record[i] = r.Cells[i].csv()
		}
		_ = out.Write(record)
	}
	out.Flush()
	return out.Error()
}

// CSV writes the document's main table; see [Table.CSV].
func (d *Document) CSV(w io.Writer) error {
	if d.Main != nil {
		return d.Main.CSV(w)
	}
	for _, b := range d.Blocks {
		if b.Table != nil {
			return b.Table.CSV(w)
		}
	}
	return nil
}

func (c *Cell) csv() string {
	switch v := c.Value.(type) {
	case nil:
		return ""
	case results.Nanos:
		return decimal(float64(v))
	case float64:
		return decimal(v)
	case string:
		return noFormula(v)
	default:
		return fmt.Sprint(v)
	}
}

// decimal drops what is beyond any measurement: the seventh place after the point.
func decimal(v float64) string {
	if math.IsInf(v, 1) {
		return "inf"
	}
	return results.Shortest(math.Round(v*1e6) / 1e6)
}

// noFormula keeps a spreadsheet from reading a text that others wrote as a formula.
func noFormula(s string) string {
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}

// MarshalJSON writes an object of the document's fields.
func (d Document) MarshalJSON() ([]byte, error) { return object(d.Fields) }

// MarshalJSON writes a list of objects, one for each row.
func (t *Table) MarshalJSON() ([]byte, error) {
	t = t.in(JSON)
	rows := make([]Document, len(t.Rows))
	for i, r := range t.Rows {
		for j, c := range r.Cells {
			rows[i].Fields = append(rows[i].Fields, Field{t.Columns[j].Name, c.Value})
		}
	}
	return json.Marshal(rows)
}

// object writes fields in their order, but for those without a value.
func object(fields []Field) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for _, f := range fields {
		if missing(f.Value) {
			continue
		}
		value, err := json.Marshal(finite(f.Value))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:%s", f.Name, value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// missing reports whether a value is nil, or points to nothing.
func missing(v any) bool {
	r := reflect.ValueOf(v)
	return v == nil || r.Kind() == reflect.Pointer && r.IsNil()
}

// null stands for what JSON has no number for.
var null = json.RawMessage("null")

// finite is null for a float that JSON cannot hold.
func finite(v any) any {
	if f, is := v.(float64); is && (math.IsInf(f, 0) || math.IsNaN(f)) {
		return null
	}
	return v
}

// some is a value, or nil of nothing: an empty text, a zero, an empty list.
func some(v any) any {
	if r := reflect.ValueOf(v); r.IsZero() || r.Kind() == reflect.Map && r.Len() == 0 {
		return nil
	}
	return v
}

// finitely is a number, or nil where JSON has none for it.
func finitely(v float64) any { return known(v, !math.IsInf(v, 0) && !math.IsNaN(v)) }
