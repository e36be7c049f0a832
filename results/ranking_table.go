package results

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// WriteRankings shows for people which rows of each point differ and which do not.
// Points with a single row are left out.
func WriteRankings(w io.Writer, rankings []Ranking) error {
	var b bytes.Buffer
	for i := range rankings {
		if r := &rankings[i]; len(r.Standings) > 1 {
			fmt.Fprintf(&b, "%s\n\n%s\n\n", r.heading(), r.render())
		}
	}
	if slices.ContainsFunc(rankings, func(r Ranking) bool { return r.Ranked() > 1 }) {
		fmt.Fprintf(&b, "%s\n\n", rankingLegend)
	}
	_, err := w.Write(b.Bytes())
	return err
}

const rankingLegend = `rank: the places that a row may have: before it are those that are better beyond chance, after it those that are worse
× first: how many times the first row's figure, from the ratios within blocks; intervals hold with 95 % each
beyond chance: at most 5 % of the differences that are called so are none (Wilcoxon within blocks, or of fewer than 8 Mann-Whitney;
Benjamini-Hochberg over all pairs)`

func (r *Ranking) heading() string {
	at := []string{"Who differs in " + r.Metric.Title, plural(r.Clients, "client"), Bytes(int64(r.PayloadBytes))}
	if r.Loop == OpenLoop {
		at = append(at, Count(r.RateRPS)+" requests/s asked")
	}
	for _, part := range []string{r.Work, r.Knobs} {
		if part != "" {
			at = append(at, part)
		}
	}
	return strings.Join(at, " · ")
}

func (r *Ranking) render() string {
	if r.Ranked() == 0 {
		return "No row has a valid trial: none is ranked."
	}
	t := table.NewWriter()
	t.AppendHeader(table.Row{"rank", "model", r.Metric.Title, "95 %", "× first", "95 %", "not told apart from"})
	for i := range r.Standings {
		if i == r.Ranked() {
			t.AppendSeparator()
		}
		t.AppendRow(r.row(&r.Standings[i]))
	}
	t.SetStyle(lightLines())
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 1, Align: text.AlignRight, AlignHeader: text.AlignRight},
		{Number: 2, WidthMax: maxModelWidth, WidthMaxEnforcer: wrapName},
		{Number: 3, Align: text.AlignRight, AlignHeader: text.AlignRight},
		{Number: 5, Align: text.AlignRight, AlignHeader: text.AlignRight},
		{Number: 7, WidthMax: alikeWidth, WidthMaxEnforcer: text.WrapSoft},
	})
	t.SuppressTrailingSpaces()
	return t.Render()
}

const (
	alikeWidth = 30
	mostAlike  = 5 // names; report.html has them all
)

func (r *Ranking) row(s *Standing) table.Row {
	value := r.Metric.text(s.Value.Estimate)
	if s.First == 0 {
		if s.Value.Estimate == 0 {
			value = absent
		}
		return table.Row{flagMark, s.Model, value, "", "", "", "not ranked: " + s.Why}
	}
	rank := strconv.Itoa(s.First)
	if s.Last > s.First {
		rank += "–" + strconv.Itoa(s.Last)
	}
	ratio, between := "1", ""
	if s.Best != nil {
		ratio, between = ratioText(s.Best.Ratio.Estimate), bounds(s.Best.Ratio, ratioText)
		if s.Best.Trials == 0 { // in no block both were valid
			ratio = absent
		}
	}
	alike := strings.Join(s.Alike, ", ")
	switch n := len(s.Alike); {
	case n > 1 && n == r.Ranked()-1:
		alike = "any"
	case n > mostAlike:
		alike = fmt.Sprintf("%s and %d more", strings.Join(s.Alike[:mostAlike-1], ", "), n-mostAlike+1)
	}
	return table.Row{rank, s.Model, value, bounds(s.Value, r.Metric.text), ratio, between, alike}
}

func ratioText(v float64) string { return fmt.Sprintf("%.3g", v) }

// bounds is an interval without its estimate.
func bounds(i Interval, write func(float64) string) string {
	if !i.Bounded() {
		return "too few trials"
	}
	low, high := write(i.Low), write(i.High)
	if _, unit, found := strings.Cut(high, " "); found {
		low = strings.TrimSuffix(low, " "+unit) // said once where it is the same
	}
	return low + " to " + high
}
