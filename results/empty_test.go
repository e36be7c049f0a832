package results

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// Issue 12: a trial without any request was valid, and its latency 0 ns.
func TestTrialWithoutRequests(t *testing.T) {
	empty := soundOpen()
	empty.Requests, empty.ThroughputRPS, empty.RateRPS, empty.Client.Completed, empty.ClientsServed, empty.ClientsActive = 0, 0, 0.5, 0, 0, 0
	empty.ResponseLatency, empty.ServiceLatency, empty.FairnessJain, empty.Slip, empty.ServerUsage = nil, nil, nil, nil, nil
	empty.Verdicts = Judge(&empty)
	if empty.Valid() {
		t.Error("a trial without any request is valid")
	}
	b, err := json.Marshal(&empty)
	if err != nil {
		t.Fatal(err)
	}
	for _, absent := range []string{`"response_latency_ns":null`, `"service_latency_ns":null`, `"fairness_jain":null`} {
		if !bytes.Contains(b, []byte(absent)) {
			t.Errorf("%s is not in %s", absent, b)
		}
	}
}

// Folders of versions before have such trials as valid, with zeroes.
func TestReadTrialWithoutRequests(t *testing.T) {
	const line = `{"trial":0,"model":"m","loop":"open","rate_rps":0.5,"requests":0,"response_latency_ns":{"p50":0,"p90":0,"p99":0,"p999":0,"max":0,"mean":0},` +
		`"service_latency_ns":{"p50":0,"p90":0,"p99":0,"p999":0,"max":0,"mean":0},"errors":{},"fairness_jain":0,"client":{"threads":1},"verdicts":[]}` + "\n"
	trials, _, err := readTrials(strings.NewReader(line), "trials.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if got := trials[0]; got.Valid() || got.ResponseLatency != nil || got.ServiceLatency != nil || got.FairnessJain != nil {
		t.Errorf("read back: %+v", got)
	}
}
