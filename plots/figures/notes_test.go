package figures

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/stats"
)

// noteIn is what a group of a page's figure says.
type noteIn struct {
	class, said, at string
	key             map[string]any
}

// notesIn reads the groups of a figure, which is well-formed whatever the names of its rows.
func notesIn(t *testing.T, f look.Figure) (notes []noteIn) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(string(f.Bare))); ; {
		token, err := d.Token()
		if err == io.EOF {
			return notes
		}
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		start, is := token.(xml.StartElement)
		if !is || start.Name.Local != "g" {
			continue
		}
		var n noteIn
		for _, a := range start.Attr {
			switch a.Name.Local {
			case "class":
				n.class = a.Value
			case "data-said":
				n.said = a.Value
			case "data-at":
				n.at = a.Value
			case "data-key":
				if err := json.Unmarshal([]byte(a.Value), &n.key); err != nil {
					t.Fatal(err)
				}
			}
		}
		if n.class != "" {
			notes = append(notes, n)
		}
	}
}

// The page's figures have a mark for each point, which says its value; files have no notes.
func TestNotes(t *testing.T) {
	const hostile = `"><script>&'`
	points := sweep([]string{hostile, "pool"}, []int{1, 16}, []int{64})
	of := slices.IndexFunc(points, func(p stats.Point) bool { return p.Model == hostile && p.Clients == 1 })
	points[of].Intervals = map[*results.Figure]stats.Interval{results.Throughput: {Estimate: 150, Low: 100, High: 200}}
	figures, err := drawn(drawer().sheets(points))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(figures[0].SVG), "data-") || strings.Contains(string(figures[0].SVG), "scale(1,1)") {
		t.Error("the file has notes")
	}
	var marks []noteIn
	for _, n := range notesIn(t, figures[0]) {
		if n.class == "mark" {
			marks = append(marks, n)
		}
	}
	if len(marks) != len(points) {
		t.Fatalf("%d marks of %d points", len(marks), len(points))
	}
	first := marks[2] // after pool, which the order names
	if lines := strings.Split(first.said, "\n"); len(lines) != 4 || lines[0] != hostile || lines[1] != "1 client, 64 B" || !strings.HasPrefix(lines[2], "req/s: ") || lines[3] != "95 % interval: 100 to 200" {
		t.Errorf("the third mark says %q", lines)
	}
	if first.key["Model"] != hostile || first.key["Clients"] != 1.0 || first.key["PayloadBytes"] != 64.0 || first.key["RateRPS"] != nil {
		t.Errorf("the third mark is of %v", first.key)
	}
	if first.at == marks[3].at || !strings.Contains(first.at, ",") {
		t.Errorf("marks at %s and %s", first.at, marks[3].at)
	}
}

// What a mark says of a value that is endless, or of a row that must not be ranked.
func TestSaid(t *testing.T) {
	p := pointOf("pool", 16, 64)
	got := strings.Join(saidOf(&p, "p99", results.Nanoseconds.Text, mark{y: math.Inf(1), least: 1e6, most: math.Inf(1), hollow: true}), "; ")
	if want := "pool; 16 clients, 64 B; p99: ∞; trials from 1 ms to ∞; ! not to be ranked"; !strings.HasPrefix(got, want) {
		t.Errorf("said %q, want %q", got, want)
	}
}
