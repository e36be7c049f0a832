package loadgen

import (
	"cmp"
	"time"

	"connbench/results"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Trial writes the result down as the trial of s that it is; what only the
// server's side knows is left absent.
func (r *Result) Trial(s *Spec) results.Trial {
	t := results.Trial{
		Network:         s.Network,
		Framing:         s.Framing,
		Request:         s.Message().Asks(),
		Loop:            results.ClosedLoop,
		Clients:         s.Clients,
		ClientsActive:   s.active() - s.slow() - r.Unasked,
		PayloadBytes:    s.PayloadBytes,
		Pipeline:        s.depth(),
		ThinkNS:         int64(s.Think),
		RequestsPerConn: s.RequestsPerConn,
		Seed:            s.Seed,
		StartedAt:       r.StartedAt,
		DurationNS:      int64(r.Window),
		ConnectingNS:    int64(r.Connecting),
		Interrupted:     r.Interrupted,
		Requests:        r.Requests,
		Missing:         r.Missing,
		Errors:          r.Errors,
		Unanswered:      &r.Unanswered,
		ClientsServed:   r.Answers.Served,
		Hosts:           r.Hosts,
		Verdicts:        []string{},
	}
	if s.Open() {
		t.Loop, t.RateRPS, t.Arrivals = results.OpenLoop, s.Rate, string(s.Arrivals)
	}
	if !s.Profile.IsZero() {
		r.fillCourse(&t, s)
	}
	if s.Network == "udp" {
		t.Framing = results.Datagram
		t.Datagrams = &r.Datagrams
	}
	r.fillLatencies(&t)
	r.fillSizes(&t, s)
	if r.Requests > 0 {
		fairness := r.Answers.Jain(r.Active)
		t.FairnessJain = &fairness
		t.ThroughputRPS = float64(r.Requests) / r.Window.Seconds()
		cpu := r.CPU * float64(r.Window) / float64(r.Requests)
		t.ClientCPUPerRequest = &cpu
	}
	if r.Threads > 0 {
		t.Client, t.StealFraction = r.client(s), r.Steal
		t.Verdicts = results.Judge(&t)
	}
	return t
}

// fillCourse tells of a rate that changes. The mean is that of the window, which may have been
// cut short.
func (r *Result) fillCourse(t *results.Trial, s *Spec) {
	curve := s.Profile.Curve(0)
	t.RateProfile, t.RateRPS = s.Profile.String(), curve.Mean(0, cmp.Or(r.Window, s.Duration))
	if r.Course != nil {
		t.Series = r.Course.Series(s.Profile, s.Duration, r.Window)
	}
}

// fillSizes tells of a mix of payloads what each is like.
func (r *Result) fillSizes(t *results.Trial, s *Spec) {
	t.PayloadMix = s.Mix.String()
	if r.Threads == 0 { // nothing was measured
		return
	}
	for _, share := range s.Mix {
		name, unanswered := SizeDistribution(share.PayloadBytes), r.SizesUnanswered[share.PayloadBytes]
		size := results.OfSize{PayloadBytes: share.PayloadBytes, Unanswered: unanswered, ResponseLatency: r.latency(name, unanswered)}
		if h, ok := r.Distributions[name]; ok {
			size.Requests = h.TotalCount()
		}
		t.Sizes = append(t.Sizes, size)
	}
}

func (r *Result) client(s *Spec) *results.Client {
	c := &results.Client{
		Threads:      r.Threads,
		IO:           string(r.IO),
		CPUFraction:  r.CPU / float64(r.Threads),
		WaitFraction: r.Wait,
		Completed:    r.Completed,
		Pacing:       r.latency(PacingDistribution, 0),
	}
	width := max(1, s.Duration/time.Duration(max(1, len(r.Parts))))
	for _, part := range r.Parts[:min(len(r.Parts), int(r.Window/width))] { // whole ones, of a window that was cut short
		c.WindowRPS = append(c.WindowRPS, float64(part.Answered)/width.Seconds())
		mean := 0.0
		if part.Answered > 0 {
			mean = float64(part.Sum) / float64(part.Answered)
		}
		c.WindowMeanNS = append(c.WindowMeanNS, mean)
		c.WindowMaxNS = append(c.WindowMaxNS, float64(part.Max))
	}
	return c
}

func (r *Result) fillLatencies(t *results.Trial) {
	t.ServiceLatency = r.latency(ServiceDistribution, r.Unanswered)
	t.ResponseLatency = t.ServiceLatency
	if _, other := r.Distributions[ResponseDistribution]; other {
		t.ResponseLatency = r.latency(ResponseDistribution, r.Unanswered)
	}
	t.Slip = r.latency(SlipDistribution, 0)
	t.SlowLatency = r.latency(SlowDistribution, 0)
	t.ConnectLatency = r.latency(ConnectDistribution, 0)
	if send := r.latency(SplitSend, 0); send != nil {
		t.Split = &results.Split{
			Samples: r.distribution(SplitSend).TotalCount(),
			Send:    *send,
			Server:  *r.latency(SplitServer, 0),
			Receive: *r.latency(SplitReceive, 0),
		}
	}
}

func (r *Result) latency(name string, unanswered int64) *results.Latency {
	h, ok := r.Distributions[name]
	if !ok || h.TotalCount()+unanswered == 0 {
		return nil
	}
	l := results.LatencyOf(h.Histogram, unanswered)
	return &l
}

// Histograms are the result's distributions as a store keeps them.
func (r *Result) Histograms() map[string]*hdrhistogram.Histogram {
	all := map[string]*hdrhistogram.Histogram{}
	for name, h := range r.Distributions {
		if h.TotalCount() > 0 {
			all[name] = h.Histogram
		}
	}
	return all
}
