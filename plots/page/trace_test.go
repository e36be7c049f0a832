package page

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
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
	points := stats.Summarize(trials, run.Models)
	for table, columns := range map[string][]*results.Figure{"points": columnsFor(points), "resources": resourceColumns(points)} {
		for i, p := range d.Points {
			cells := cellsOf(t, page, table, i)
			for j, c := range columns {
				values := valuesIn(t, p.Trials, trials, c.Name)
				if got, want := cells[3+j], c.Text(middle(values)); got != want {
					t.Errorf("%s of row %d: the page has %s, its lines %s", c.Name, i, got, want)
				}
			}
		}
	}
}

// The answer's ratio is that of the lines of the same blocks.
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
	var shifts, averages []float64
	for _, block := range byBlock {
		if block["reactor"] > 0 && block["goroutine"] > 0 {
			shifts = append(shifts, math.Log(block["goroutine"]/block["reactor"]))
		}
	}
	for i, x := range shifts {
		for _, y := range shifts[i:] {
			averages = append(averages, (x+y)/2)
		}
	}
	want := fmt.Sprintf("goroutine takes %.3g times as much (", math.Exp(middle(averages)))
	_, at, _ := strings.Cut(page, "<h3>At 64 clients, 64 B</h3>")
	if at, _, _ = strings.Cut(at, "</article>"); !strings.Contains(at, want) {
		t.Errorf("the answer has not %q: %s", want, at)
	}
}

var (
	cellText = regexp.MustCompile(`(?s)<td[^>]*>(.*?)</td>|<th[^>]*>.*?</th>`)
	tagText  = regexp.MustCompile(`<[^>]*>`)
)

// cellsOf are the texts of a row of the page, its name first and empty.
func cellsOf(t *testing.T, page, table string, point int) []string {
	t.Helper()
	_, rest, found := strings.Cut(page, fmt.Sprintf(`id=%q>`, table))
	_, rest, has := strings.Cut(rest, fmt.Sprintf(`<tbody data-point="%d"`, point))
	body, _, ends := strings.Cut(rest, "</tbody>")
	if !found || !has || !ends {
		t.Fatalf("table %s has no row %d", table, point)
	}
	var cells []string
	for _, match := range cellText.FindAllStringSubmatch(body, -1) {
		cells = append(cells, strings.TrimSpace(tagText.ReplaceAllString(match[1], " ")))
	}
	return cells
}

// valuesIn reads a field from the lines of the trials that count, as trials.jsonl has them.
func valuesIn(t *testing.T, of []trialData, trials []results.Trial, name string) []float64 {
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
