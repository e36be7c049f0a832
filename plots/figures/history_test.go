package figures

import (
	"path/filepath"
	"testing"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/resultstest"
)

func past(t *testing.T, n int, change func(int, *resultstest.Night)) *read.History {
	t.Helper()
	dir := t.TempDir()
	resultstest.Nights(t, dir, n, change)
	h, err := read.OpenHistory(dir, func(string, *read.Past, []results.Trial) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHistoryFigures(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name         string
		history      *read.History
		files        []string
		said, silent []string
	}{
		{"a step", past(t, 20, func(i int, n *resultstest.Night) {
			n.Trials = 2
			if i >= 12 {
				n.Costs["reactor"] *= 1.9
			}
		}), []string{"history-server-cpu-req", "history-req-s", "history-p99"}, []string{"History of server CPU/req", "64 clients, 64 B: against other rows", "as measured", "× 2", "20 Nov", "reactor"}, nil},
		{"many rows", past(t, 3, func(_ int, n *resultstest.Night) {
			n.Trials = 1
			for _, model := range []string{"thread", "poll", "select", "uring", "prefork", "udp"} {
				n.Run.Models, n.Costs[model] = append(n.Run.Models, model), 6000
			}
		}), []string{"history-server-cpu-req"}, []string{"prefork", "over the geometric mean of other rows"}, []string{"on the left", "as measured"}},
		{"nothing", past(t, 3, func(_ int, n *resultstest.Night) { n.Trials = 1 }), []string{"history-server-cpu-req"}, []string{"3 Nov"}, []string{"× "}},
		{"alone", past(t, 2, func(_ int, n *resultstest.Night) { n.Trials, n.Run.Models = 1, []string{"reactor"} }), []string{"history-server-cpu-req"}, []string{"64 clients, 64 B"}, []string{"against other rows"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.ArtifactDir(), "figures")
			paths, err := saved(dir)(drawer().History(test.history))
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, name := range test.files {
				want = append(want, name+".svg", name+".png")
			}
			wantFiles(t, dir, paths, want...)
			wantText(t, paths[0], test.said, test.silent)
		})
	}
}
