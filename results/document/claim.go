package document

import (
	"fmt"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/read"
)

const figuresIndent = 6

// Claims is what became of claims in short, and of each with its figures.
func Claims(claims []read.Claim, env *results.Environment) Document {
	var d Document
	outcomes := &Table{Bare: true, Columns: []Column{
		{Title: "claim", Name: "claim", Left: true}, {Title: "outcome", Name: "outcome", Left: true}, {Title: "words", Name: "words", Left: true, Wrap: 30}, {Name: "sentence", Only: CSV},
	}}
	for _, c := range results.Each(claims) {
		outcomes.add(Cell{Text: c.ID, Value: c.ID, Link: anchor(c)}, words(string(c.Outcome)), words(c.Words), words(c.Sentence))
	}
	d.Verdict = fmt.Sprintf("Of %s %s.", results.Plural(len(claims), "claim"), claimsSummary(claims))
	d.Add(Block{Table: outcomes})
	for i, c := range results.Each(claims) {
		b := Block{
			Heading: fmt.Sprintf("%s. “%s”", c.ID, c.Words), Indent: figuresIndent, Anchor: anchor(c), Outcome: string(c.Outcome),
			Lead: []string{strings.TrimSpace(strings.ToUpper(string(c.Outcome)) + ". " + c.Sentence + " " + c.Rests())}, Table: claimTable(c),
		}
		if i+1 == len(claims) || claims[i+1].Method != c.Method { // said below the last that it is for
			b.Lines = []string{"How: " + c.Method}
		}
		d.Add(b)
	}
	if env != nil {
		d.Add(Lines("machine: "+env.Machine()+", "+env.Where(), "CPUs: "+env.Placement()))
	}
	return d
}

func anchor(c *read.Claim) string { return "claim-" + c.ID }

func claimTable(c *read.Claim) *Table {
	t := &Table{
		Bare: true, Columns: []Column{{Title: "figure", Left: true, Wrap: 24, Names: true}, {Title: "value", Left: true, Wrap: 20}, {Title: "note", Left: true, Wrap: 15}},
		Trials: append([]TrialColumn{
			{"model", func(t *results.Trial) string { return t.Model }},
			{"point", func(t *results.Trial) string { return At(t.Key()) }},
		}, ofTrials(results.Throughput, results.P99)...),
	}
	for _, f := range results.Each(c.Figures) {
		t.Rows = append(t.Rows, Row{Cells: []Cell{words(f.Name), words(f.Text()), words(f.Note)}, Source: &Source{
			Trials: func(t *results.Trial) (its, rests bool) { return slices.Contains(f.Trials, t.Trial), true },
		}})
	}
	return t
}

// claimsSummary counts outcomes: "9 are confirmed, 3 are refuted and 1 is not decidable here".
func claimsSummary(claims []read.Claim) string {
	n := read.CountOutcomes(claims)
	return Enumerate(results.Map(read.ClaimOutcomes, func(o read.ClaimOutcome) string { return fmt.Sprintf("%d %s %s", n[o], is(n[o]), o) }))
}

func is(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
