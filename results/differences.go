package results

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Difference is something in which two runs were made differently.
type Difference struct {
	What string // a field of the plan or of the environment, as in run.json
	A, B string
}

func (d Difference) String() string { return fmt.Sprintf("%s: %s / %s", d.What, d.A, d.B) }

// Differences says in what two runs were made so differently that their figures have no
// meaning beside each other: plan and machine. others are what the comparison may be
// about: the software, and how long the run was.
func Differences(a, b *Run) (serious, others []Difference) {
	plan := between("plan ", flatten(a.Plan), flatten(b.Plan))
	for _, d := range slices.Concat(plan, differ(&a.Environment, &b.Environment)) {
		if isSerious(d.What) {
			serious = append(serious, d)
		} else {
			others = append(others, d)
		}
	}
	return serious, others
}

// isSerious reports whether a field of the plan or the environment says what is measured, and where.
func isSerious(what string) bool {
	if field, of := strings.CutPrefix(what, "plan "); of {
		return !slices.Contains(extent, field)
	}
	field, _, _ := strings.Cut(what, ".")
	return !slices.Contains(software, field)
}

// SeriesKey is the same of two runs where none of their [Differences] is serious.
func (r *Run) SeriesKey() string {
	var parts []string
	where := between("", r.Environment.fields(true), (&Environment{}).fields(true))
	for _, d := range slices.Concat(between("plan ", flatten(r.Plan), nil), where) {
		if isSerious(d.What) {
			parts = append(parts, d.What+"="+d.A)
		}
	}
	return r.Kind + "\x00" + strings.Join(parts, "\x00")
}

// extent is the plan's fields that say how much is measured, not what.
var extent = []string{"models", "exec", "clients", "payloads", "rates", "trials", "precision", "max-time", "retries", "seed", "profile"}

// software is the environment's fields that a comparison may be about.
var software = []string{"go", "go_settings", "modules", "commit", "binary", "python", "gomaxprocs"}

// between compares flat objects.
func between(prefix string, a, b map[string]string) []Difference {
	var all []Difference
	keys := maps.Clone(a)
	maps.Copy(keys, b)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		x, y := a[key], b[key]
		if x != y {
			all = append(all, Difference{prefix + key, orNone(x), orNone(y)})
		}
	}
	return all
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func fieldsOf(v any) map[string]string {
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return flatten(b)
}

// flatten is a JSON object with the objects in it laid flat: a.b for b in a.
func flatten(object json.RawMessage) map[string]string {
	flat := map[string]string{}
	var members map[string]json.RawMessage
	if json.Unmarshal(object, &members) != nil {
		return flat
	}
	for key, value := range members {
		if bytes.HasPrefix(bytes.TrimSpace(value), []byte("{")) {
			for inner, v := range flatten(value) {
				flat[key+"."+inner] = v
			}
			continue
		}
		var text string
		if json.Unmarshal(value, &text) != nil {
			var compact bytes.Buffer
			_ = json.Compact(&compact, value) // which has been parsed
			text = compact.String()
		}
		flat[key] = text
	}
	return flat
}
