package document

import (
	"connbench/results"
	"connbench/results/read"
	"connbench/results/resultstest"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// knob is one at the values s, m, l and xl, of which l is the default.
func knob(frugal bool) read.Tuned {
	t := read.Tuned{Model: "goroutine", Knob: "size", Default: "size=l", Metric: results.ServerCPU.Name, Frugal: frugal}
	for _, v := range []string{"s", "m", "l", "xl"} {
		t.Settings = append(t.Settings, read.Setting{Row: "size=" + v, Value: strings.ToUpper(v), Go: "set(" + v + ")"})
	}
	return t
}

func stormKnob() read.Tuned {
	k := knob(false)
	k.Knob, k.Metric, k.InFlight = "backlog", results.ConnectP99.Name, map[int]int{64: 64}
	return k
}

func TestTunings(t *testing.T) {
	noisy := resultstest.Tried(8, 64, 5600, 5000, 5000, 5000)
	for i := range noisy {
		if noisy[i].Model == "size=xl" {
			noisy[i].Verdicts = []string{results.Noisy, results.Little}
		}
	}
	better := stormKnob()
	better.Default = "size=s"
	outside := knob(true)
	outside.Default = "size=xxl"
	tunings := []*read.Tuning{
		read.Tune(knob(true), slices.Concat(noisy, resultstest.Tried(10, 4096, 90000, 80000, 90000, 80000))),
		read.Tune(stormKnob(), resultstest.Storm(10)),
		read.Tune(better, resultstest.Storm(10)),
		read.Tune(outside, resultstest.Tried(8, 64, 5600, 5000, 5000, 5000)),
		read.Tune(knob(true), resultstest.Tried(8, 64, 5600, 5000, 5000, 5000)),
	}
	env := &results.Environment{CPU: "a CPU", Cores: 2, Kernel: "6.1", ServerCPUs: "0", ClientCPUs: "1"}
	busy := []results.Trial{{Model: "size=xl", Noise: &results.Noise{Restless: new(float64)}, ServerUsage: &results.ServerUsage{ServerRestCPUs: new(0.8)}}}
	resultstest.Golden(t, "tuning.txt", said(t, Tunings(tunings, busy, env), ""))
	b, err := json.MarshalIndent([]Document{tuningData(tunings[1]), tuningData(tunings[2])}, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	resultstest.Golden(t, "tuning.json", string(b)+"\n")
}
