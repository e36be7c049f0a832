package doctor

import (
	"fmt"
	"strings"

	"connbench/results"
	"connbench/results/document"
)

var headings = []struct {
	verdict Verdict
	text    string
}{
	{Bad, "Bad: figures measured like this mislead"},
	{Warning, "Warnings: what limits or disturbs some measurements"},
	{Unknown, "Not known: what cannot be read here"},
	{OK, "Fine"},
}

// Document is what a report has to say: what it all comes to, and a table for each verdict, the
// worst first.
func (r *Report) Document() document.Document {
	var d document.Document
	d.Verdict = fmt.Sprintf("verdict on this machine: %s (%s)", r.Verdict, r.counts())
	for _, h := range headings {
		if checks := r.of(h.verdict); len(checks) > 0 {
			d.Add(document.Block{Heading: h.text, Table: tableOf(checks)})
		}
	}
	if machine := r.Environment.Machine(); machine != "" {
		d.Add(document.Lines("machine: " + machine))
	}
	d.More = "more:    connbench calibrate: how far the harness itself can be trusted"
	return d
}

func tableOf(checks []Check) *document.Table {
	t := &document.Table{Columns: []document.Column{
		{Title: "of", Left: true}, {Title: "what", Left: true}, {Title: "value", Left: true, Wrap: 12}, {Title: "what it means, what to do", Left: true, Wrap: 20},
	}}
	for _, c := range checks {
		value := strings.ReplaceAll(c.Value, listSeparator, "\n")
		if value == "" {
			value = results.Absent
		}
		t.Texts(c.Group, c.Subject, value, c.Advice)
	}
	return t
}

func (r *Report) counts() string {
	var parts []string
	for i := len(severity) - 1; i >= 0; i-- {
		n := 0
		for _, c := range r.Checks {
			if c.Verdict == severity[i] {
				n++
			}
		}
		noun := string(severity[i])
		if n > 1 && severity[i] == Warning {
			noun = "warnings"
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, noun))
		}
	}
	return strings.Join(parts, ", ")
}
