package page

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/document"
	"connbench/results/stats"
)

// data is what the page's script works with.
type data struct {
	Trials   []trialData         `json:"trials"` // the lines of trials.jsonl
	Rows     []rowData           `json:"rows"`
	Heads    map[string][]string `json:"heads"` // of the texts of trials, by table
	Verdicts map[string]string   `json:"verdicts"`
	Folder   string              `json:"folder,omitempty"` // that has trials.jsonl and the logs, with a slash; empty for the page's own

	trials []results.Trial
}

// trialData is what every table shows of a trial.
type trialData struct {
	Trial    int      `json:"trial"`
	Attempt  int      `json:"attempt,omitempty"`
	Served   string   `json:"served,omitempty"` // clients
	Verdicts []string `json:"verdicts,omitempty"`
	Notes    string   `json:"notes,omitempty"`
	Log      string   `json:"log,omitempty"` // path of its histogram log

	last bool
}

// rowData is a row that opens.
type rowData struct {
	Key    results.Key `json:"key"` // by which it is filtered
	About  string      `json:"about,omitempty"`
	Trials []behind    `json:"trials,omitempty"` // none of one that does not open

	name string // for who does not see its table
}

// behind is a trial behind a row.
type behind struct {
	Line  int      `json:"line"`           // of trials.jsonl, from 1
	Used  bool     `json:"used,omitempty"` // the row's figures rest on it
	Texts []string `json:"texts"`          // of the table's heads
}

// newData knows the trials, which are all lines of trials.jsonl. It has no null, which the
// script would have to look for.
func newData(trials []results.Trial) data {
	d := data{Trials: []trialData{}, Rows: []rowData{}, Heads: map[string][]string{}, Verdicts: map[string]string{}, trials: trials}
	last, limits := results.LastAttempts(trials), stats.ClientLimits(stats.Summarize(trials, nil))
	for _, t := range results.Each(trials) {
		d.Trials = append(d.Trials, trialDataOf(t, t.Attempt == last[t.Trial] && !t.HostLost))
		for _, v := range t.Verdicts {
			d.Verdicts[v] = results.Explain(v, limits...)
		}
	}
	return d
}

func trialDataOf(t *results.Trial, last bool) trialData {
	d := trialData{Trial: t.Trial, Attempt: t.Attempt, Verdicts: t.Verdicts, Log: logOf(t), last: last}
	var notes []string
	if !last && !t.HostLost { // of that the failure tells
		notes = append(notes, "repeated because of noise")
	}
	notes = append(notes, document.ErrorCounts(t.Errors)...)
	if t.Failure != "" {
		notes = append(notes, "failed: "+t.Failure)
	} else {
		d.Served = fmt.Sprintf("%d/%d", t.ClientsServed, t.ClientsActive)
	}
	d.Notes = strings.Join(notes, ", ")
	return d
}

// addRow adds a row with its trials in their order, and returns its place counted from 1, 0 if nothing is
// known of it.
func (d *data) addRow(of *table, r document.Row) int {
	if r.Source == nil {
		return 0
	}
	row, used := rowData{Key: r.Source.Key, name: cmp.Or(r.Source.Name, r.Source.Key.Model)}, 0
	for i := range d.trials {
		if r.Source.Trials == nil {
			break
		}
		its, rests := r.Source.Trials(&d.trials[i])
		if !its {
			continue
		}
		b := behind{Line: i + 1, Used: rests && d.Trials[i].last}
		b.Texts = results.Map(of.Trials, func(c document.TrialColumn) string { return cmp.Or(c.Text(&d.trials[i]), results.Absent) })
		if b.Used {
			used++
		}
		row.Trials = append(row.Trials, b)
	}
	slices.SortStableFunc(row.Trials, func(a, b behind) int {
		x, y := &d.trials[a.Line-1], &d.trials[b.Line-1]
		return cmp.Or(x.Trial-y.Trial, x.Attempt-y.Attempt)
	})
	if row.Trials != nil {
		row.About = fmt.Sprintf("%s: its figures rest on the %s in full colour.", cmp.Or(row.name, of.named(r)), results.Plural(used, "trial"))
	}
	d.Rows = append(d.Rows, row)
	if heads := results.Map(of.Trials, func(c document.TrialColumn) string { return c.Title }); heads != nil {
		d.Heads[of.ID] = heads
	}
	return len(d.Rows)
}

// logOf is the path of a trial's histogram log relative to the page. It is empty where
// there is none, or where what is said of it leads out of the run's folder.
func logOf(t *results.Trial) string {
	if !filepath.IsLocal(t.Histograms) {
		return ""
	}
	path := filepath.ToSlash(t.Histograms)
	if !strings.HasPrefix(path, "histograms/") {
		return ""
	}
	return path
}
