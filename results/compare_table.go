package results

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// WriteComparison shows for people how b differs from a, which are named as given.
func WriteComparison(w io.Writer, all []Compared, a, b string) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, "A: %s\nB: %s\n", a, b)
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j].A == all[i].A {
			j++
		}
		fmt.Fprintf(&out, "\n%s\n\n%s\n", pointHeading(&all[i]), renderCompared(all[i:j]))
		i = j
	}
	fmt.Fprintf(&out, "\n%s\n", conclusion(all))
	_, err := w.Write(out.Bytes())
	return err
}

func pointHeading(c *Compared) string {
	model := c.A.Model
	if c.B.Model != model {
		model += " → " + c.B.Model
	}
	parts := []string{model, c.A.transport()}
	for _, part := range []string{c.A.Work, c.A.Knobs} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	parts = append(parts, Bytes(int64(c.A.PayloadBytes)), plural(c.A.Clients, "client"))
	if c.A.Loop == OpenLoop {
		parts = append(parts, Count(c.A.RateRPS)+" requests/s asked")
	}
	return strings.Join(append(parts, c.A.LoopLabel()), " · ")
}

func renderCompared(all []Compared) string {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"", "A", "B", "B / A", "95 %", "p", "trials", "B is"})
	for i := range all {
		t.AppendRow(all[i].row())
	}
	t.SetStyle(lightLines())
	right := table.ColumnConfig{Align: text.AlignRight, AlignHeader: text.AlignRight}
	var configs []table.ColumnConfig
	for _, n := range []int{2, 3, 4, 6, 7} {
		right.Number = n
		configs = append(configs, right)
	}
	t.SetColumnConfigs(configs)
	t.SuppressTrailingSpaces()
	return t.Render()
}

func (c *Compared) row() table.Row {
	if c.Outcome == NotCompared {
		return table.Row{c.Metric.Title, absent, absent, absent, "", "", "", "not compared: " + c.Why}
	}
	trials := fmt.Sprint(c.Effect.Trials)
	if c.Effect.Paired {
		trials += " pairs"
	}
	return table.Row{
		c.Metric.Title, c.Metric.text(c.AValue.Estimate), c.Metric.text(c.BValue.Estimate),
		ratioText(c.Effect.Ratio.Estimate), bounds(c.Effect.Ratio, ratioText), probability(c.Adjusted), trials, c.verdict(),
	}
}

func probability(p float64) string {
	if p < 0.001 {
		return "<0.001"
	}
	return fmt.Sprintf("%.3f", p)
}

// verdict says what the comparison comes to.
func (c *Compared) verdict() string {
	ratio := c.Effect.Ratio.Estimate
	switch {
	case c.Outcome != Better && c.Outcome != Worse:
		return string(c.Outcome)
	case ratio > 1:
		return fmt.Sprintf("%s: %.3g %% more", c.Outcome, 100*(ratio-1))
	default:
		return fmt.Sprintf("%s: %.3g %% less", c.Outcome, 100*(1-ratio))
	}
}

// conclusion counts what was found.
func conclusion(all []Compared) string {
	count := func(o Outcome) int { return countFunc(all, func(c Compared) bool { return c.Outcome == o }) }
	text := fmt.Sprintf("%s: %d better, %d worse, %d no difference", plural(len(all), "comparison"), count(Better), count(Worse), count(NoDifference))
	if n := count(Undecided); n > 0 {
		text += fmt.Sprintf(", %d with too few trials to tell", n)
	}
	if n := count(NotCompared); n > 0 {
		text += fmt.Sprintf(", %d not compared", n)
	}
	return text + ".\nMedians of valid trials; the ratio's interval holds with 95 % by itself; p is corrected for all comparisons (Holm),\n" +
		"so that in 95 of 100 cases not one difference is reported that is none."
}

// String names the comparison and what it comes to in a few words.
func (c *Compared) String() string {
	what := c.verdict()
	if c.Outcome == NotCompared {
		what = c.Why
	}
	return fmt.Sprintf("%s, %s, %s: %s %s", c.B.Model, plural(c.B.Clients, "client"), Bytes(int64(c.B.PayloadBytes)), c.Metric.Title, what)
}
