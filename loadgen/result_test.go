package loadgen

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"connbench/results"
)

func TestJain(t *testing.T) {
	tests := []struct {
		name    string
		answers []int64
		want    float64
	}{
		{"none", []int64{0, 0, 0}, 0},
		{"all alike", []int64{5, 5, 5, 5}, 1},
		{"one has all", []int64{12, 0, 0, 0}, 0.25},
		{"half have all", []int64{3, 3, 0, 0}, 0.5},
	}
	for _, tt := range tests {
		var m Moments
		for _, a := range tt.answers {
			m.add(a)
		}
		if got := m.Jain(len(tt.answers)); math.Abs(got-tt.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// part is a result as one of several processes would have it.
func part(requests, unanswered int64, latency time.Duration) *Result {
	r := NoResult()
	r.Window, r.Clients, r.Active, r.Requests, r.Unanswered, r.CPU = time.Second, 1, 1, requests, unanswered, 0.5
	r.Missing, r.Errors["reset"] = requests/2, unanswered
	r.distribution(ServiceDistribution).RecordValues(int64(latency), requests)
	r.Answers.add(requests)
	return r
}

func TestResultMergesThroughJSON(t *testing.T) {
	b, err := json.Marshal(part(99, 1, time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	var r Result
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	if err := r.Merge(part(100, 0, 2*time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	s := DefaultSpec()
	s.Clients = 2
	trial := r.Trial(&s)
	if trial.Requests != 199 || trial.ThroughputRPS != 199 || trial.Errors["reset"] != 1 || trial.ClientsServed != 2 || trial.Missing != 99 {
		t.Errorf("merged to %+v", trial)
	}
	if got := *trial.ClientCPUPerRequest; math.Abs(got-1e9/199) > 1 {
		t.Errorf("client CPU %v ns a request, want one CPU over 199 requests", got)
	}
	if l := trial.ServiceLatency; l.P50 < 1e6 || l.P50 > 2.01e6 || !l.Max.IsInf() {
		t.Errorf("latency %+v", l)
	}
}

func TestHistogramRefusesGarbage(t *testing.T) {
	for _, text := range []string{"", "x", "AAAA", "HISTFAAAAB"} {
		var h Histogram
		if err := h.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

// What was ready to be recorded and was not has no latency.
func TestResultWithoutRequestsHasNoLatency(t *testing.T) {
	s := DefaultSpec()
	s.Rate = 1
	rec := newRecorder(&s)
	r := NoResult()
	if err := r.Merge(rec.result()); err != nil {
		t.Fatal(err)
	}
	r.Threads, r.Active, r.Window = 1, 1, s.Duration
	if trial := r.Trial(&s); trial.ServiceLatency != nil || trial.ResponseLatency != nil || trial.Slip != nil || trial.FairnessJain != nil || trial.Valid() {
		t.Errorf("got %+v", trial)
	}
}

func TestNoResultIsATrialWithoutFigures(t *testing.T) {
	s := DefaultSpec()
	trial := NoResult().Trial(&s)
	if trial.Requests != 0 || trial.ThroughputRPS != 0 || trial.ClientCPUPerRequest != nil || trial.Loop != results.ClosedLoop {
		t.Errorf("got %+v", trial)
	}
}
