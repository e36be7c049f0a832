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
	for _, d := range plan {
		if slices.Contains(extent, strings.TrimPrefix(d.What, "plan ")) {
			others = append(others, d)
		} else {
			serious = append(serious, d)
		}
	}
	for _, d := range between("", fieldsOf(a.Environment), fieldsOf(b.Environment)) {
		if slices.ContainsFunc(software, func(s string) bool { return strings.HasPrefix(d.What, s) }) {
			others = append(others, d)
		} else {
			serious = append(serious, d)
		}
	}
	return serious, others
}

// extent is the plan's fields that say how much is measured, not what.
var extent = []string{"models", "exec", "clients", "payloads", "rates", "trials", "precision", "max-time", "retries", "seed"}

// software is the environment's fields that a comparison may be about.
var software = []string{"go", "modules", "commit", "binary", "python", "gomaxprocs"}

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
