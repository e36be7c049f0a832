package doctor

import (
	"fmt"
	"strings"

	"connbench/results"
	"connbench/results/document"
)

// Document is what a report has to say: a table for each group, the worst first, and what
// it all comes to.
func (r *Report) Document() document.Document {
	var d document.Document
	for _, name := range []string{limitsGroup, settingsGroup, cpusGroup, noiseGroup} {
		if checks := r.group(name); len(checks) > 0 {
			d.Add(document.Block{Heading: name, Table: tableOf(checks)})
		}
	}
	var lines []string
	if machine := r.Environment.Machine(); machine != "" {
		lines = append(lines, "machine: "+machine)
	}
	d.Add(document.Lines(append(lines, fmt.Sprintf("verdict on this machine: %s (%s)", r.Verdict, r.counts()))...))
	return d
}

func tableOf(checks []Check) *document.Table {
	t := &document.Table{Columns: []document.Column{
		{Title: "verdict", Left: true}, {Title: "what", Left: true}, {Title: "value", Left: true, Wrap: 12}, {Title: "what it means, what to do", Left: true, Wrap: 20},
	}}
	for _, c := range checks {
		value := strings.ReplaceAll(c.Value, listSeparator, "\n")
		if value == "" {
			value = results.Absent
		}
		t.Texts(string(c.Verdict), c.Subject, value, c.Advice)
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
