package results

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// claimsWidth is that of a terminal's line, and figuresIndent where figures begin.
const (
	claimsWidth   = 116
	figuresIndent = "      "
)

// WriteClaims writes what became of claims, each with its figures, for a terminal or as
// Markdown.
func WriteClaims(w io.Writer, claims []Claim, env *Environment, style TableStyle) error {
	var b bytes.Buffer
	write := writeClaim
	if style == Markdown {
		write = writeClaimMarkdown
	}
	fmt.Fprintf(&b, "%s\n\n", ClaimsSummary(claims))
	if style == Terminal {
		writeOutcomes(&b, claims)
	}
	for i := range claims {
		c := claims[i]
		if i+1 < len(claims) && claims[i+1].Method == c.Method {
			c.Method = "" // is said below the last that it is for
		}
		write(&b, &c)
	}
	if env != nil {
		fmt.Fprintf(&b, "machine: %s, same-host\n", env.Machine())
		fmt.Fprintf(&b, "CPUs: %s\n", env.Placement())
	}
	_, err := w.Write(b.Bytes())
	return err
}

// ClaimsSummary counts outcomes: "9 confirmed, 3 refuted, 1 not decidable here".
func ClaimsSummary(claims []Claim) string {
	n := CountOutcomes(claims)
	var parts []string
	for _, o := range ClaimOutcomes {
		parts = append(parts, fmt.Sprintf("%d %s", n[o], o))
	}
	return strings.Join(parts, ", ")
}

// writeOutcomes gives each claim a line, before what it rests on.
func writeOutcomes(b *bytes.Buffer, claims []Claim) {
	t := table.NewWriter()
	for i := range claims {
		t.AppendRow(table.Row{claims[i].ID, claims[i].Outcome, claims[i].Words})
	}
	t.SetStyle(bare())
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 3, WidthMax: 86, WidthMaxEnforcer: text.WrapSoft}})
	t.SuppressTrailingSpaces()
	fmt.Fprintf(b, "%s\n\n", t.Render())
}

// bare is a table without any line.
func bare() table.Style {
	style := lightLines()
	style.Options = table.OptionsNoBordersAndSeparators
	return style
}

func writeClaim(b *bytes.Buffer, c *Claim) {
	head := fmt.Sprintf("%-4s  %s", c.ID, strings.ToUpper(string(c.Outcome)))
	fmt.Fprintf(b, "%s\n", head)
	for _, line := range []string{"“" + c.Words + "”", c.Sentence} {
		writeIndented(b, line)
	}
	t := table.NewWriter()
	for i := range c.Figures {
		f := &c.Figures[i]
		t.AppendRow(table.Row{f.Name, f.Text(), f.Note})
	}
	t.SetStyle(bare())
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 1, WidthMax: 46, WidthMaxEnforcer: text.WrapSoft},
		{Number: 2, WidthMax: 34, WidthMaxEnforcer: text.WrapSoft},
		{Number: 3, WidthMax: 30, WidthMaxEnforcer: text.WrapSoft},
	})
	t.SuppressTrailingSpaces()
	for line := range strings.Lines(t.Render()) {
		fmt.Fprintf(b, "%s%s", figuresIndent, strings.TrimRight(line, "\n")+"\n")
	}
	if c.Method != "" {
		writeIndented(b, "How: "+c.Method)
	}
	b.WriteByte('\n')
}

func writeIndented(b *bytes.Buffer, sentence string) {
	for line := range strings.Lines(text.WrapSoft(sentence, claimsWidth-len(figuresIndent))) {
		fmt.Fprintf(b, "%s%s\n", figuresIndent, strings.TrimSpace(line))
	}
}

func writeClaimMarkdown(b *bytes.Buffer, c *Claim) {
	fmt.Fprintf(b, "### %s. “%s”\n\n**%s.** %s\n\n", c.ID, c.Words, capital(string(c.Outcome)), c.Sentence)
	fmt.Fprintf(b, "| figure | value | |\n|---|---|---|\n")
	for i := range c.Figures {
		f := &c.Figures[i]
		fmt.Fprintf(b, "| %s | %s | %s |\n", f.Name, f.Text(), f.Note)
	}
	fmt.Fprintf(b, "\n")
	if c.Method != "" {
		fmt.Fprintf(b, "%s\n\n", c.Method)
	}
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
