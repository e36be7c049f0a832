package loadgen

import (
	"fmt"
	"time"

	"connbench/results"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Result is what one process measured. Results of processes that ran the parts
// of one load at the same time merge. It travels as JSON.
type Result struct {
	StartedAt time.Time     `json:"started_at"` // of the window
	Window    time.Duration `json:"window"`
	Clients   int           `json:"clients"`

	Requests   int64            `json:"requests"`   // answered
	Unanswered int64            `json:"unanswered"` // failed
	Errors     map[string]int64 `json:"errors"`
	Service    Histogram        `json:"service"`

	Datagrams results.Datagrams `json:"datagrams"`
	Answers   Moments           `json:"answers"` // of each client
	CPU       float64           `json:"cpu"`     // CPUs used over the window: 1 is one CPU all the time
}

// Moments are sums over clients, enough for Jain's index and mergeable.
type Moments struct {
	Served  int     `json:"served"` // clients with any
	Sum     float64 `json:"sum"`
	Squares float64 `json:"squares"`
}

func (m *Moments) add(answers int64) {
	if answers > 0 {
		m.Served++
	}
	m.Sum += float64(answers)
	m.Squares += float64(answers) * float64(answers)
}

func (m *Moments) merge(o Moments) {
	m.Served += o.Served
	m.Sum += o.Sum
	m.Squares += o.Squares
}

// Jain is the fairness index of Jain, Chiu and Hawe (DEC-TR-301, 1984) over n
// clients: 1 when all had as many answers, 1/n when one had all of them, 0 when
// there were none.
func (m *Moments) Jain(n int) float64 {
	if m.Squares == 0 {
		return 0
	}
	return m.Sum * m.Sum / (float64(n) * m.Squares)
}

// Histogram is a distribution of latencies in nanoseconds that travels in the V2
// compressed form of HdrHistogram.
type Histogram struct{ *hdrhistogram.Histogram }

// MarshalText encodes h.
func (h Histogram) MarshalText() ([]byte, error) {
	return h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
}

// UnmarshalText decodes what MarshalText wrote.
func (h *Histogram) UnmarshalText(b []byte) error {
	decoded, err := hdrhistogram.Decode(b)
	if err != nil {
		return fmt.Errorf("histogram: %w", err)
	}
	h.Histogram = results.NewHistogram()
	return h.add(decoded)
}

func (h *Histogram) add(o *hdrhistogram.Histogram) error {
	if dropped := h.Merge(o); dropped > 0 {
		return fmt.Errorf("histogram: %d latencies beyond %v", dropped, results.MaxLatency)
	}
	return nil
}

// NoResult is the result of a load that could not be measured: nothing of all.
func NoResult() *Result {
	return &Result{StartedAt: time.Now(), Errors: map[string]int64{}, Service: Histogram{results.NewHistogram()}}
}

// Merge adds what another process measured at the same time.
func (r *Result) Merge(o *Result) error {
	r.Clients += o.Clients
	r.Requests += o.Requests
	r.Unanswered += o.Unanswered
	for class, n := range o.Errors {
		r.Errors[class] += n
	}
	r.Datagrams.Lost += o.Datagrams.Lost
	r.Datagrams.Duplicated += o.Datagrams.Duplicated
	r.Datagrams.Reordered += o.Datagrams.Reordered
	r.Answers.merge(o.Answers)
	r.CPU += o.CPU
	return r.Service.add(o.Service.Histogram)
}

// Trial writes the result down as the trial of s that it is; what only the
// server's side knows is left absent.
func (r *Result) Trial(s *Spec) results.Trial {
	latency := results.LatencyOf(r.Service.Histogram, r.Unanswered)
	t := results.Trial{
		Network:         s.Network,
		Framing:         s.Framing,
		Loop:            results.ClosedLoop,
		Clients:         s.Clients,
		PayloadBytes:    s.PayloadBytes,
		Seed:            s.Seed,
		StartedAt:       r.StartedAt,
		DurationNS:      int64(r.Window),
		Requests:        r.Requests,
		ServiceLatency:  latency,
		ResponseLatency: latency, // a closed loop intends to send when it sends
		Errors:          r.Errors,
		ClientsServed:   r.Answers.Served,
		FairnessJain:    r.Answers.Jain(r.Clients),
		Verdicts:        []string{},
	}
	if s.Network == "udp" {
		t.Framing = results.Datagram
		t.Datagrams = &r.Datagrams
	}
	if r.Requests > 0 {
		t.ThroughputRPS = float64(r.Requests) / r.Window.Seconds()
		cpu := r.CPU * float64(r.Window) / float64(r.Requests)
		t.ClientCPUPerRequest = &cpu
	}
	return t
}
