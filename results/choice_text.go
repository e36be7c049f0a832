package results

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// WriteChoice says for people which row to choose, why, which is the simplest that will
// do, and what would change that.
func WriteChoice(w io.Writer, c *Choice, changes []Change) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n\n%s\n\n", c.workload(), c.render())
	fmt.Fprintf(&b, "Choose %s\n\n", c.answer())
	if simplest := c.simplest(); simplest != "" {
		fmt.Fprintf(&b, "%s\n\n", simplest)
	}
	if len(changes) > 0 {
		b.WriteString("What would change the answer:\n")
		for i := range changes {
			fmt.Fprintf(&b, "  %s\n", changes[i].sentence(c))
		}
		b.WriteByte('\n')
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (c *Choice) workload() string {
	k := c.Point
	parts := []string{plural(k.Clients, "client"), Bytes(int64(k.PayloadBytes))}
	if k.Loop == OpenLoop {
		parts = append(parts, Count(k.RateRPS)+" requests/s")
	}
	for _, part := range []string{k.Work, k.Knobs, c.SLO.String(), k.LoopLabel()} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " · ")
}

func (c *Choice) render() string {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"rank", "model", "server CPU/req", "95 %", "× first", "95 %", c.SLO.Percentile, "lines", "not told apart from"})
	for i := range c.Candidates {
		if i > 0 && c.Candidates[i-1].Keeps && !c.Candidates[i].Keeps {
			t.AppendSeparator()
		}
		t.AppendRow(c.row(&c.Candidates[i]))
	}
	t.SetStyle(lightLines())
	configs := []table.ColumnConfig{{Number: 2, WidthMax: modelWidth, WidthMaxEnforcer: wrapName}, {Number: 9, WidthMax: useWidth, WidthMaxEnforcer: text.WrapSoft}}
	for _, right := range []int{1, 3, 5, 7, 8} {
		configs = append(configs, table.ColumnConfig{Number: right, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(configs)
	t.SuppressTrailingSpaces()
	return t.Render()
}

func (c *Choice) row(x *Candidate) table.Row {
	lines, latency := absent, absent
	if x.Lines > 0 {
		lines = fmt.Sprint(x.Lines)
	}
	if x.Latency.Estimate > 0 {
		latency = nanosText(x.Latency.Estimate)
	}
	if !x.Keeps {
		return table.Row{flagMark, x.Model, absent, "", "", "", latency, lines, x.Why}
	}
	ratio, between := "1", ""
	if x.Best != nil {
		ratio, between = ratioText(x.Best.Ratio.Estimate), bounds(x.Best.Ratio, ratioText)
	}
	rank := fmt.Sprint(x.First)
	if x.Last > x.First {
		rank += fmt.Sprintf("–%d", x.Last)
	}
	return table.Row{rank, x.Model, nanosText(x.Value.Estimate), bounds(x.Value, nanosText), ratio, between, latency, lines, strings.Join(x.Alike, ", ")}
}

// answer is the choice and why, in two sentences.
func (c *Choice) answer() string {
	first := c.First()
	if !slices.ContainsFunc(c.Candidates, func(x Candidate) bool { return x.Latency.Estimate > 0 }) {
		return "none yet: not one row has a valid trial here; connbench doctor says what disturbs them."
	}
	if len(first) == 0 {
		return "none of these: no row keeps " + c.SLO.String() + " with every client served and a valid trial."
	}
	names := make([]string, len(first))
	for i, x := range first {
		names[i] = x.Model
	}
	x := first[0]
	why := fmt.Sprintf("It takes %s of the server's CPU a request (%s)", nanosText(x.Value.Estimate), bounds(x.Value, nanosText))
	if len(first) > 1 {
		why = fmt.Sprintf("They take %s of the server's CPU a request or so, and cannot be told apart", nanosText(x.Value.Estimate))
	}
	if next := c.next(); next != nil && next.Best != nil {
		why += fmt.Sprintf(", and %s, which comes next, %s times as much (%s)", next.Model, ratioText(next.Best.Ratio.Estimate), bounds(next.Best.Ratio, ratioText))
	}
	return fmt.Sprintf("%s. %s. The %s of the response is %s, where %s are allowed.",
		strings.Join(names, " or "), why, c.SLO.Percentile, nanosText(x.Latency.Estimate), c.SLO.Limit)
}

// next is the first candidate that is beyond doubt not the cheapest, nil if there is none.
func (c *Choice) next() *Candidate {
	for i := range c.Candidates {
		if x := &c.Candidates[i]; x.Keeps && x.First > 1 {
			return x
		}
	}
	return nil
}

func (c *Choice) simplest() string {
	if c.Simplest < 0 {
		return ""
	}
	x := &c.Candidates[c.Simplest]
	text := fmt.Sprintf("The simplest that will do is %s: %d lines of source", x.Model, x.Lines)
	if x.Best != nil {
		text += fmt.Sprintf(", at %s times the CPU a request (%s)", ratioText(x.Best.Ratio.Estimate), bounds(x.Best.Ratio, ratioText))
	}
	return text + "."
}

func (c *Change) sentence(before *Choice) string {
	first := c.Choice.First()
	if len(first) == 0 {
		return fmt.Sprintf("%s %s instead of %s: no row keeps the limit any more", c.What, c.To, c.From)
	}
	names := make([]string, len(first))
	for i, x := range first {
		names[i] = x.Model
	}
	if c.Overtaken(before) {
		return fmt.Sprintf("%s %s instead of %s: yes, then it is %s; the crossover lies between the two", c.What, c.To, c.From, strings.Join(names, " or "))
	}
	return fmt.Sprintf("%s %s instead of %s: no, still %s", c.What, c.To, c.From, strings.Join(names, " or "))
}
