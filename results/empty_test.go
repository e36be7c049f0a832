package results

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// emptyTrial is a trial in which no request was due, as the client of a slow open loop
// makes it; its verdict is that of [Judge].
func emptyTrial() Trial {
	t := soundOpen()
	t.Model, t.Network, t.Framing, t.Work = "m", "tcp", "length", "echo"
	t.Requests, t.ThroughputRPS, t.RateRPS, t.Client.Completed, t.ClientsServed, t.ClientsActive = 0, 0, 0.5, 0, 0, 0
	t.ResponseLatency, t.ServiceLatency, t.FairnessJain, t.Slip, t.ServerUsage = nil, nil, nil, nil, nil
	t.Verdicts = Judge(&t)
	return t
}

// answeredTrial is the same with a single request.
func answeredTrial() Trial {
	t := emptyTrial()
	fairness := 1.0
	t.Trial, t.Block = 1, 1
	t.Requests, t.ThroughputRPS, t.ClientsServed, t.ClientsActive, t.FairnessJain = 1, 1, 1, 1, &fairness
	t.ResponseLatency = &Latency{P50: 2.38e6, P90: 2.38e6, P99: 2.38e6, P999: 2.38e6, Max: 2.38e6, Mean: 2.38e6}
	t.ServiceLatency, t.Verdicts = t.ResponseLatency, []string{}
	return t
}

// Issue 12: a trial without any request was valid, and its latency 0 ns.
func TestTrialWithoutRequests(t *testing.T) {
	empty := emptyTrial()
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

	points := Summarize([]Trial{empty}, nil)
	var text, csv, bench strings.Builder
	if err := WriteTable(&text, points, nil, Terminal); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.String(), "0 ns") || !strings.Contains(text.String(), NoRequests) {
		t.Errorf("the table says\n%s", text.String())
	}
	if err := WriteCSV(&csv, points); err != nil {
		t.Fatal(err)
	}
	if row := strings.Split(csv.String(), "\n")[1]; !strings.Contains(row, ",0,0,0,,,,,,,,,,") { // throughput, and no latency
		t.Errorf("summary.csv says %s", row)
	}
	if err := WriteBench(&bench, []Trial{empty}, &Environment{}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(bench.String(), "\nConnbench") || strings.HasPrefix(bench.String(), "Connbench") {
		t.Errorf("bench.txt has\n%s", bench.String())
	}
}

// A point of an empty trial and one of 2.38 ms said 1.19 ms.
func TestPointOfAnEmptyTrialAndAnother(t *testing.T) {
	for name, trials := range map[string][]Trial{
		"one valid":  {emptyTrial(), answeredTrial()},
		"none valid": {emptyTrial(), with(answeredTrial(), func(t *Trial) { t.Verdicts = []string{Noisy} })},
	} {
		p := Summarize(trials, nil)[0]
		if p.P99.Median != 2.38e6 || p.P99.Min != 2.38e6 || !p.HasLatency {
			t.Errorf("%s: p99 %+v", name, p.P99)
		}
		if got, want := p.TooFew(), "p99 of 1 request"; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// A choice must not take what was not measured for quick.
func TestChooseWithoutRequests(t *testing.T) {
	c := Choose([]Trial{emptyTrial()}, nil, SLO{"p99", 1e3}, nil)
	if x := c.Candidates[0]; x.Keeps || x.Why == "" {
		t.Errorf("a row without any request: %+v", x)
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

// Connections that the server ended are their own bound of a capacity.
func TestBoundLostConnections(t *testing.T) {
	trial := with(sound(), func(t *Trial) { t.Errors = map[string]int64{ConnectionLost: 40} })
	if got := (Goal{P99: 10e6}).Bound(&trial); got != BoundLost {
		t.Errorf("bound by %q, want %q", got, BoundLost)
	}
	idle := emptyTrial()
	if got := (Goal{P99: 10e6}).Bound(&idle); got != BoundIdle {
		t.Errorf("without any request bound by %q, want %q", got, BoundIdle)
	}
}
