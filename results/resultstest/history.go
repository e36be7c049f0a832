package resultstest

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"testing"
	"time"

	"connbench/results"
)

// Night is a run of a made-up history, before it is stored.
type Night struct {
	Run    results.Run
	Costs  map[string]float64 // ns of server CPU a request of each row of the run
	Trials int                // of each row
	Left   int                // trials at the end that are never made
}

// Machine is one on which a made-up history is measured, whose runs differ from one another by more
// than a factor of two in the same rows.
func Machine() results.Environment {
	return results.Environment{
		CPU: "Intel(R) Xeon(R) Processor @ 2.80GHz", Cores: 2, Kernel: "6.18.5", OS: "linux", Arch: "amd64", ServerCPUs: "0", ClientCPUs: "1", Go: "go1.26", OpenFiles: 20000,
	}
}

// Nights stores runs of the rows reactor, goroutine and pool, one each day from 1 November 2026 on,
// which change makes what they are, and returns the names of their folders.
func Nights(t testing.TB, dir string, n int, change func(i int, night *Night)) []string {
	t.Helper()
	var names []string
	for i := range n {
		at := time.Date(2026, 11, 1, 2, 0, 0, 0, time.UTC).AddDate(0, 0, i)
		night := &Night{
			Run: results.Run{
				Command: []string{"connbench", "run"}, Seed: uint64(i), Plan: json.RawMessage(`{"duration":"300ms","network":"tcp"}`), Models: []string{"reactor", "goroutine", "pool"},
				CreatedAt: at, Environment: Machine(),
			},
			Costs: map[string]float64{"reactor": 4000, "goroutine": 5000, "pool": 9000}, Trials: 6,
		}
		night.Run.Environment.Commit = fmt.Sprintf("%07x000000000", 0xa1b2000+i)
		if change != nil {
			change(i, night)
		}
		names = append(names, at.Format("20060102-150405"))
		night.store(t, filepath.Join(dir, names[i]), i)
	}
	return names
}

func (n *Night) store(t testing.TB, dir string, seed int) {
	t.Helper()
	random := Random(uint64(seed) + 1000)
	phase := math.Exp(0.4 * random.NormFloat64()) // of the machine
	tonight := map[string]float64{}
	for _, model := range n.Run.Models {
		tonight[model] = n.Costs[model] * phase * math.Exp(0.05*random.NormFloat64())
	}
	trials := Race(n.Trials, tonight, n.Run.Models...)
	n.Run.Trials = len(trials)
	store, err := results.Create(dir, n.Run)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for i := range trials[:len(trials)-n.Left] {
		if err := store.Append(&trials[i], nil); err != nil {
			t.Fatal(err)
		}
	}
}
