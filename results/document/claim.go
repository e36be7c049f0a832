package document

import (
	"fmt"
	"strings"

	"connbench/results"
	"connbench/results/read"
)

// figuresIndent is where the figures of a claim begin.
const figuresIndent = 6

// Claims is what became of claims in short, and of each with its figures.
func Claims(claims []read.Claim, env *results.Environment) Document {
	var d Document
	d.Add(Lines(ClaimsSummary(claims)))
	outcomes := &Table{Bare: true, Columns: []Column{{Title: "claim", Left: true}, {Title: "outcome", Left: true}, {Title: "words", Left: true, Wrap: 30}}}
	for i := range claims {
		outcomes.add(words(claims[i].ID), words(string(claims[i].Outcome)), words(claims[i].Words))
	}
	d.Add(Block{Table: outcomes})
	for i := range claims {
		c := &claims[i]
		figures := &Table{Bare: true, Columns: []Column{{Title: "figure", Left: true, Wrap: 24}, {Title: "value", Left: true, Wrap: 20}, {Title: "note", Left: true, Wrap: 15}}}
		for j := range c.Figures {
			f := &c.Figures[j]
			figures.add(words(f.Name), words(f.Text()), words(f.Note))
		}
		b := Block{
			Heading: fmt.Sprintf("%s. “%s”", c.ID, c.Words), Indent: figuresIndent,
			Lead: []string{strings.ToUpper(string(c.Outcome)) + ". " + c.Sentence}, Table: figures,
		}
		if i+1 == len(claims) || claims[i+1].Method != c.Method { // said below the last that it is for
			b.Lines = []string{"How: " + c.Method}
		}
		d.Add(b)
	}
	if env != nil {
		d.Add(Lines("machine: "+env.Machine()+", same-host", "CPUs: "+env.Placement()))
	}
	return d
}

// ClaimsSummary counts outcomes: "9 confirmed, 3 refuted, 1 not decidable here".
func ClaimsSummary(claims []read.Claim) string {
	n := read.CountOutcomes(claims)
	var parts []string
	for _, o := range read.ClaimOutcomes {
		parts = append(parts, fmt.Sprintf("%d %s", n[o], o))
	}
	return strings.Join(parts, ", ")
}
