package plots

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"


	"connbench/results"
	"connbench/results/stats"
)

// record is a trial with what its line of trials.jsonl says, by names of fields.
type record struct {
	*results.Trial
	number int // from 1
	last   bool
	fields map[string]any
}

// recordsOf are the trials as lines of trials.jsonl, of which they must be all.
func recordsOf(trials []results.Trial) []record {
	last := map[int]int{}
	for i := range trials {
		last[trials[i].Trial] = max(last[trials[i].Trial], trials[i].Attempt)
	}
	records := make([]record, len(trials))
	for i := range trials {
		t := &trials[i]
		records[i] = record{Trial: t, number: i + 1, last: t.Attempt == last[t.Trial], fields: map[string]any{}}
		// What was read from JSON can be written as it.
		if b, err := json.Marshal(t); err == nil {
			json.Unmarshal(b, &records[i].fields)
		}
	}
	return records
}

// value is that of a field, in which a dot leads into another object; null stands for an
// infinite latency.
func (l *record) value(name string) (float64, bool) {
	var at any = l.fields
	for part := range strings.SplitSeq(name, ".") {
		object, ok := at.(map[string]any)
		if !ok {
			return 0, false
		}
		if at, ok = object[part]; !ok {
			return 0, false
		}
	}
	if at == nil {
		return math.Inf(1), true
	}
	v, ok := at.(float64)
	return v, ok
}

// textOf writes a figure as its unit wants it, which a field has in its name.
func textOf(name string, v float64) string {
	switch {
	case strings.Contains(name, "_ns"):
		return results.Nanos(v).String()
	case strings.Contains(name, "bytes"):
		return results.Bytes(int64(v))
	}
	return results.Count(v)
}

// trialData is a trial as the page shows it below its row.
type trialData struct {
	Trial    int      `json:"trial"`
	Attempt  int      `json:"attempt,omitempty"`
	Line     int      `json:"line"`
	Used     bool     `json:"used,omitempty"`     // the point's figures rest on it
	Texts    []string `json:"texts,omitempty"`    // of the columns
	Served   string   `json:"served,omitempty"`   // clients
	Verdicts []string `json:"verdicts,omitempty"` // explained elsewhere
	Notes    string   `json:"notes,omitempty"`
	Log      string   `json:"log,omitempty"` // path of its histogram log
}

// byKey are the records of each point.
func byKey(records []record) map[results.Key][]*record {
	groups := map[results.Key][]*record{}
	for i := range records {
		key := records[i].Key()
		groups[key] = append(groups[key], &records[i])
	}
	return groups
}

// trialsOf shows the records of a point with the texts of its table's columns, in the
// order of the trials.
func trialsOf(p *stats.Point, records []*record, texts func(*record) []string) []trialData {
	var all []trialData
	for _, l := range records {
		t := trialData{Trial: l.Trial.Trial, Attempt: l.Attempt, Line: l.number, Verdicts: l.Verdicts, Notes: l.notes(), Log: logOf(l.Trial)}
		t.Used = l.counts(p)
		if l.Failure == "" {
			t.Texts = texts(l)
			t.Served = fmt.Sprintf("%d/%d", l.ClientsServed, l.ClientsActive)
		}
		all = append(all, t)
	}
	sortTrials(all)
	return all
}

// counts reports whether a point's figures rest on the record.
func (l *record) counts(p *stats.Point) bool {
	return l.last && l.Failure == "" && (l.Valid() || p.Valid == 0)
}

func sortTrials(trials []trialData) {
	slices.SortStableFunc(trials, func(a, b trialData) int { return cmp.Or(a.Trial-b.Trial, a.Attempt-b.Attempt) })
}

func (l *record) texts(columns []column) []string {
	texts := make([]string, len(columns))
	for i, c := range columns {
		texts[i] = absent
		if v, known := l.value(c.Name); known {
			texts[i] = textOf(c.Name, v)
		}
	}
	return texts
}

func (l *record) notes() string {
	var parts []string
	if !l.last {
		parts = append(parts, "repeated because of noise")
	}
	parts = append(parts, errorCounts(l.Errors)...)
	if l.Failure != "" {
		parts = append(parts, "failed: "+l.Failure)
	}
	return strings.Join(parts, ", ")
}

func errorCounts(errors map[string]int64) []string {
	var parts []string
	for _, class := range slices.Sorted(maps.Keys(errors)) {
		parts = append(parts, class+" "+results.Count(float64(errors[class])))
	}
	return parts
}
