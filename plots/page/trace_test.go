package page

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"connbench/results"
	"connbench/results/stats"
)

// traced is a run with whatever makes lines count or not: verdicts, a failure, a
// repeated trial.
func traced() (*results.Run, []results.Trial) {
	b := bulk{models: []string{"goroutine", "reactor", "sequential"}, clients: []int{16, 64}, payloads: []int{64}, trials: 14}
	b.change = func(t *results.Trial) {
		switch {
		case t.Trial%7 == 0:
			t.Verdicts = append(t.Verdicts, results.Noisy)
		case t.Trial == 10:
			*t = results.Trial{Trial: 10, Block: t.Block, Model: t.Model, Network: t.Network, Framing: t.Framing, Work: t.Work, Loop: t.Loop, Clients: t.Clients, PayloadBytes: t.PayloadBytes, Failure: "did not start"}
		}
	}
	run, trials := b.run()
	again := trials[7]
	again.Attempt, again.Verdicts, again.ThroughputRPS = 1, []string{}, 5
	return run, append(trials, again)
}

// Every value of a row is the median of the lines that the page names beside it.
func TestHTMLFiguresAreThoseOfTheirLines(t *testing.T) {
	run, trials := traced()
	page := htmlOf(t, run, trials)
	d := dataIn(t, page)
	for _, table := range []string{"table-0", "resources-0"} {
		rows := rowsOf(t, page, table)
		if len(rows) != len(stats.Summarize(trials, run.Models)) || len(d.Heads[table]) < 2 {
			t.Errorf("table %s has %d rows, which open to %v", table, len(rows), d.Heads[table])
		}
		for _, row := range rows {
			cells := cellsOf(t, page, table, row)
			for column, title := range headsOf(page, table) {
				f := figureTitled(title)
				if f == nil {
					continue
				}
				value := f.Median(slices.Sorted(slices.Values(valuesIn(t, d.Rows[row-1].Trials, trials, f.Name))))
				if got, want := cells[column], f.Text(value); got != want {
					t.Errorf("%s of row %d: the page has %s, its lines %s", f.Name, row, got, want)
				}
				if !slices.Contains(d.Heads[table], title) {
					t.Errorf("a row of %s opens to trials without %s", table, title)
				}
			}
		}
	}
}

// figureTitled is the one of a column, nil if it is of none.
func figureTitled(title string) *results.Figure {
	for _, f := range results.Figures {
		if f.Title == title {
			return f
		}
	}
	return nil
}

// The answer's interval has the ratio of the lines of the same blocks.
func TestHTMLRatioIsThatOfItsLines(t *testing.T) {
	run, trials := traced()
	page := htmlOf(t, run, trials)
	byBlock := map[int]map[string]float64{}
	for i := range trials {
		if tr := &trials[i]; tr.Valid() && tr.Clients == 64 {
			if byBlock[tr.Block] == nil {
				byBlock[tr.Block] = map[string]float64{}
			}
			byBlock[tr.Block][tr.Model] = tr.ServerCPUPerRequest
		}
	}
	sum, n := 0.0, 0.0
	for _, block := range byBlock {
		if block["reactor"] > 0 && block["goroutine"] > 0 {
			sum, n = sum+math.Log(block["goroutine"]/block["reactor"]), n+1
		}
	}
	_, at, _ := strings.Cut(page, "Who differs in server CPU/req · 64 clients · 64 B")
	at, _, _ = strings.Cut(at, "</article>")
	said := timesSaid.FindStringSubmatch(at)
	if said == nil {
		t.Fatalf("the answer has no ratio: %s", at)
	}
	if low, high, want := number(t, said[1]), number(t, said[2]), math.Exp(sum/n); want < low || want > high {
		t.Errorf("the answer has %s to %s times, the lines %.3g", said[1], said[2], want)
	}
}

var timesSaid = regexp.MustCompile(`with ([0-9.]+) to ([0-9.]+) times that: goroutine`)

var (
	cellText  = regexp.MustCompile(`(?s)<td[^>]*>(.*?)</td>|<th[^>]*>.*?</th>`)
	headText  = regexp.MustCompile(`<th scope="col"[^>]*data-title="([^"]*)"`)
	rowPlace  = regexp.MustCompile(`<tbody data-row="(\d+)"`)
	belowText = regexp.MustCompile(`<span class="below[^>]*>[^<]*</span>`)
	tagText   = regexp.MustCompile(`<[^>]*>`)
)

// tableOf is a table of the page.
func tableOf(page, table string) string {
	_, rest, _ := strings.Cut(page, fmt.Sprintf(`id=%q>`, table))
	rest, _, _ = strings.Cut(rest, "</table>")
	return rest
}

// headsOf are the titles of a table's columns.
func headsOf(page, table string) []string {
	var heads []string
	for _, match := range headText.FindAllStringSubmatch(tableOf(page, table), -1) {
		heads = append(heads, match[1])
	}
	return heads
}

// rowsOf are the places of a table's rows that open, in the order of the page.
func rowsOf(t *testing.T, page, table string) []int {
	t.Helper()
	var rows []int
	for _, match := range rowPlace.FindAllStringSubmatch(tableOf(page, table), -1) {
		n, err := strconv.Atoi(match[1])
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, n)
	}
	return rows
}

// cellsOf are the texts of a row of the page without their intervals, its name empty.
func cellsOf(t *testing.T, page, table string, row int) []string {
	t.Helper()
	_, rest, has := strings.Cut(tableOf(page, table), fmt.Sprintf(`<tbody data-row="%d"`, row))
	body, _, ends := strings.Cut(rest, "</tbody>")
	if !has || !ends {
		t.Fatalf("table %s has no row %d", table, row)
	}
	var cells []string
	for _, match := range cellText.FindAllStringSubmatch(body, -1) {
		cells = append(cells, strings.TrimSpace(tagText.ReplaceAllString(belowText.ReplaceAllString(match[1], ""), " ")))
	}
	return cells
}

// valuesIn reads a field from the lines of the trials that count, as trials.jsonl has them.
func valuesIn(t *testing.T, of []behind, trials []results.Trial, name string) []float64 {
	t.Helper()
	var values []float64
	for _, trial := range of {
		if !trial.Used {
			continue
		}
		b, err := json.Marshal(trials[trial.Line-1])
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, fieldOf(t, b, name))
	}
	if len(values) == 0 {
		t.Fatalf("no line stands behind %s", name)
	}
	return values
}

func fieldOf(t *testing.T, object []byte, name string) float64 {
	t.Helper()
	first, rest, deeper := strings.Cut(name, ".")
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(object, &fields); err != nil {
		t.Fatal(err)
	}
	value := fields[first]
	switch {
	case value == nil:
		t.Fatalf("no field %s in %s", first, object)
	case deeper:
		return fieldOf(t, value, rest)
	case string(value) == "null":
		return math.Inf(1)
	}
	var v float64
	if err := json.Unmarshal(value, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func middle(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	if n%2 == 1 {
		return values[n/2]
	}
	return (values[n/2-1] + values[n/2]) / 2
}
