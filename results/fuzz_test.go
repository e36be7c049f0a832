package results

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzReadTrials: no bytes make reading or what follows it panic, and a trial that
// was read can be stored and read again as the same.
func FuzzReadTrials(f *testing.F) {
	for _, t := range slices.Concat(storedTrials(), []Trial{sound(), soundOpen(), changing()}) {
		line, err := json.Marshal(t)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append(line, '\n'))
	}
	f.Add([]byte("{}\n{}\n{"))
	f.Add([]byte(`{"service_latency_ns":{"mean":null,"p99":1e308},"clients":-1,"client":{"window_rps":[0,null],"window_mean_ns":[]}}` + "\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		trials, _, err := readTrials(bytes.NewReader(b), "trials.jsonl")
		if err != nil && !bytes.Contains([]byte(err.Error()), []byte("trials.jsonl:")) {
			t.Errorf("an error without its place: %v", err)
		}
		// Nanoseconds are written whole, so it is the second reading that must agree.
		once := reread(t, trials)
		if diff := cmp.Diff(once, reread(t, once)); diff != "" {
			t.Errorf("stored and read again (-want +got)\n%s", diff)
		}
		for i := range trials {
			Judge(&trials[i])
		}
	})
}

// reread stores trials and reads them back.
func reread(t *testing.T, trials []Trial) []Trial {
	t.Helper()
	var b bytes.Buffer
	for i := range trials {
		line, err := json.Marshal(trials[i])
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	again, warnings, err := readTrials(&b, "again")
	if err != nil || len(warnings) > 0 || len(again) != len(trials) {
		t.Fatalf("%d of %d trials, warnings %v, %v", len(again), len(trials), warnings, err)
	}
	return again
}
