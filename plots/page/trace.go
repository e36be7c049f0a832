package page

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/stats"
)

// record is a trial with the number of its line of trials.jsonl.
type record struct {
	*results.Trial
	number int // from 1
	last   bool
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
		records[i] = record{Trial: t, number: i + 1, last: t.Attempt == last[t.Trial]}
	}
	return records
}

// text is a figure of the trial.
func (l *record) text(f *results.Figure) string {
	if v, known := f.Of(l.Trial); known && l.Failure == "" {
		return f.Text(v)
	}
	return results.Absent
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

func (l *record) texts(columns []*results.Figure) []string {
	texts := make([]string, len(columns))
	for i, f := range columns {
		texts[i] = l.text(f)
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
