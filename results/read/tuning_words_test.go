package read

import (
	"slices"
	"testing"

	"connbench/results"
)

func TestSignedBytes(t *testing.T) {
	for bytes, want := range map[float64]string{-4096: "−4 KiB", -0.4: "+0 B", 0: "+0 B", 0.4: "+0 B", 11: "+11 B"} {
		if got := signedBytes(bytes); got != want {
			t.Errorf("%v: %q, want %q", bytes, got, want)
		}
	}
}

func TestTuningWords(t *testing.T) {
	buffers := Tuned{
		Model: "goroutine", Knob: "read-buffer", Metric: "server_cpu_ns_per_request", Default: "read-buffer=16KiB", Frugal: true,
		Settings: []Setting{{"read-buffer=4KiB", "4 KiB", "four"}, {"read-buffer=16KiB", "16 KiB", "sixteen"}},
	}
	trials := func(four, sixteen float64) []results.Trial {
		var all []results.Trial
		for block := range 8 {
			for i, s := range buffers.Settings {
				cpu := []float64{four, sixteen}[i] * (1 + float64(block)/1000)
				all = append(all, results.Trial{
					Trial: len(all), Block: block, Model: s.Row, Loop: results.ClosedLoop, Clients: 16, ClientsActive: 16, ClientsServed: 16,
					PayloadBytes: 64, ServerUsage: &results.ServerUsage{ServerCPUPerRequest: cpu}, Verdicts: []string{},
				})
			}
		}
		return all
	}
	for _, test := range []struct {
		name   string
		trials []results.Trial
		want   TuningWords
	}{
		{"another", trials(1000, 2000), TuningWords{
			Lead: "read-buffer 4 KiB instead of 16 KiB, the default", Gain: []string{"0.5 times the server CPU/req (0.5 to 0.5)"},
			Alike: []string{"4 KiB alone is the best"}, Go: "four",
		}},
		{"the default", trials(2000, 1000), TuningWords{
			Lead: "read-buffer 16 KiB, which is the default", Alike: []string{"16 KiB alone is the best"}, Go: "sixteen",
		}},
		{"nothing", nil, TuningWords{Lead: "no read-buffer: no value has a valid trial"}},
	} {
		got := Tune(buffers, test.trials).Words()
		got.Memory = nil // of which these trials know too little
		if got.Lead != test.want.Lead || got.But != test.want.But || got.Go != test.want.Go ||
			!slices.Equal(got.Gain, test.want.Gain) || !slices.Equal(got.Alike, test.want.Alike) {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}
