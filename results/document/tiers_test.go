package document

import (
	"strings"
	"testing"

	"connbench/results"
	"connbench/results/stats"

	"github.com/google/go-cmp/cmp"
)

// Rows stand by their points and in these by their tiers, those without one last; a value that has an interval has it
// beside it.
func TestTiered(t *testing.T) {
	point := func(model string, clients, valid int) stats.Point {
		return stats.Point{
			Key: results.Key{Model: model, Network: "tcp", Loop: results.ClosedLoop, Clients: clients, PayloadBytes: 64}, Trials: 6, Valid: valid,
			Figures:   map[*results.Figure]stats.Spread{results.Throughput: {Median: 2000, Min: 1000, Max: 3000}},
			Intervals: map[*results.Figure]stats.Interval{results.Throughput: {Estimate: 2000, Low: 1500, High: 2500}},
		}
	}
	points := []stats.Point{point("flagged", 1, 0), point("open", 1, 6), point("few", 1, 1), point("second", 1, 6), point("first", 1, 6), point("second", 16, 6)}
	ranking := func(clients int, standings ...stats.Standing) stats.Ranking {
		return stats.Ranking{Key: results.Key{Loop: results.ClosedLoop, Clients: clients, PayloadBytes: 64}, Metric: results.Throughput, Standings: standings}
	}
	rankings := []stats.Ranking{
		ranking(1, stats.Standing{Model: "first", First: 1, Last: 1}, stats.Standing{Model: "open", First: 2, Last: 3}, stats.Standing{Model: "second", First: 2, Last: 2}, stats.Standing{Model: "few"}, stats.Standing{Model: "flagged"}),
		ranking(16, stats.Standing{Model: "second", First: 1, Last: 1}),
	}
	d := Tiered(points, rankings)
	table := d.Blocks[0].Table.OnPage()
	var rows []string
	for _, r := range table.Rows {
		rows = append(rows, strings.Join([]string{r.Cells[0].Text, r.Cells[1].Text, strings.TrimSpace(r.Cells[2].Text)}, " "))
	}
	if diff := cmp.Diff([]string{"1 1 first", "2 1 second", "2–3 1 open", "– 1 ! flagged", "– 1 few", "1 16 second"}, rows); diff != "" {
		t.Error(diff)
	}
	if c := table.Rows[0].Cells[3]; c.Below != "1.5k to 2.5k" || c.Low != 1500.0 || c.High != 2500.0 {
		t.Errorf("throughput is %+v", c)
	}
	if table.Columns[0].Order || !table.Columns[1].Order {
		t.Error("the rows stand by their points, not by their tiers")
	}
	if c := (Cell{}).within(stats.Interval{Low: -5, High: 0.5}, results.ByteCount.Text); c.Below != "" {
		t.Errorf("what cannot be told is %q", c.Below)
	}
	if c := table.Rows[2].Cells[0]; c.Low != 2 || c.High != 3 {
		t.Errorf("the tier that is open is %+v", c)
	}
}
