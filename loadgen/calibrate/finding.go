package calibrate

import (
	"fmt"
	"math"
	"strings"

	"connbench/results"
)

// Finding is one thing that was found out about the harness here.
type Finding struct {
	Subject string  `json:"subject"`
	Verdict Verdict `json:"verdict"`
	Text    string  `json:"text"`
}

func (r *Report) conclude() {
	r.Findings = append(r.truthFindings(), r.pacingFinding(), r.capacityFinding())
	r.Verdict = Trusted
	for _, f := range r.Findings {
		r.Verdict = worst(r.Verdict, f.Verdict)
	}
}

func (r *Report) truthFindings() []Finding {
	if len(r.Truths) == 0 {
		return []Finding{{"ground truth", Undecidable, "server and client share their CPUs, and a server that always runs leaves the client no time"}}
	}
	var findings []Finding
	for d := range distributions {
		for _, s := range statistics {
			findings = append(findings, r.truthFinding(d, s))
		}
	}
	return findings
}

// statistic is what is compared with the truth, and how close it must be.
type statistic struct {
	name  string
	of    func(*Truth) *Interval
	limit float64 // per cent, to either side
}

var statistics = []statistic{
	{"mean", func(t *Truth) *Interval { return t.Mean.Net }, MaxMeanDeviation},
	{"p99", func(t *Truth) *Interval { return t.P99.Net }, MaxP99Deviation},
}

func (s *statistic) verdict(t *Truth) Verdict {
	return s.of(t).within(-s.limit, s.limit, min(t.Quiet, t.FloorQuiet))
}

func (r *Report) truthFinding(d Distribution, s statistic) Finding {
	f := Finding{Subject: fmt.Sprintf("%s response time, %s service", s.name, d), Verdict: Trusted}
	largest := 0.0
	for i := range r.Truths {
		if t := &r.Truths[i]; t.Distribution == d {
			f.Verdict = worst(f.Verdict, s.verdict(t))
			if net := s.of(t); net != nil {
				largest = max(largest, math.Abs(net.Low), math.Abs(net.High))
			}
		}
	}
	if f.Verdict == Trusted {
		f.Text = fmt.Sprintf("within %.1f %% of the truth at every load (limit %v %%)", largest, s.limit)
		return f
	}
	var reasons, unquiet []string
	for i := range r.Truths {
		t := &r.Truths[i]
		switch {
		case t.Distribution != d || s.verdict(t) != f.Verdict:
		case min(t.Quiet, t.FloorQuiet) < minQuiet:
			unquiet = append(unquiet, fmt.Sprint(t.Rho))
		default:
			reasons = append(reasons, fmt.Sprintf("rho %v: %+.1f to %+.1f %%", t.Rho, s.of(t).Low, s.of(t).High))
		}
	}
	if len(unquiet) > 0 {
		reasons = append(reasons, fmt.Sprintf("fewer than %d quiet repetitions, of it or its floor, at rho %s", minQuiet, strings.Join(unquiet, ", ")))
	}
	f.Text = fmt.Sprintf("%s (limit %v %%)", strings.Join(reasons, "; "), s.limit)
	return f
}

// tooFew is said in the place of a text where too few were quiet.
func (r *Repetitions) tooFew() string {
	return fmt.Sprintf("%v repetitions were quiet, %d are needed", r, minQuiet)
}

func (r *Report) pacingFinding() Finding {
	p := &r.Pacing
	f := Finding{Subject: "pacing", Verdict: p.P99.within(0, MaxPacingP99, p.Quiet)}
	if p.Quiet < minQuiet {
		f.Text = p.tooFew()
		return f
	}
	f.Text = fmt.Sprintf("at %s requests/s one request in a hundred is sent more than %v late, %v to %v (limit %v)", results.Count(p.RateRPS),
		results.Nanos(p.P99.Estimate), results.Nanos(p.P99.Low), results.Nanos(p.P99.High), results.Nanos(MaxPacingP99))
	return f
}

func (r *Report) capacityFinding() Finding {
	c := &r.Capacity
	f := Finding{Subject: "cost of the client", Verdict: c.CPURatio.within(0, MaxCPURatio, c.Quiet)}
	switch {
	case c.Quiet < minQuiet:
		f.Text = c.tooFew()
	case c.CPURatio == nil:
		f.Text = "the CPU time of the server is not to be had here"
	default:
		f.Text = fmt.Sprintf("a request costs the client %.2f times the CPU time that it costs the server, %.2f to %.2f (limit %v)",
			c.CPURatio.Estimate, c.CPURatio.Low, c.CPURatio.High, MaxCPURatio)
	}
	return f
}
