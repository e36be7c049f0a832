package loadgen

import (
	"fmt"
	"time"

	"connbench/loadgen/pace"
	"connbench/results"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Result is what one process measured. Results of processes that ran the parts
// of one load at the same time merge. It travels as JSON.
type Result struct {
	StartedAt time.Time     `json:"started_at"` // of the window
	Window    time.Duration `json:"window"`
	Address   string        `json:"address"` // that the clients connected to, of several with commas between
	Clients   int           `json:"clients"`

	Interrupted bool          `json:"interrupted,omitempty"` // the window ended before its time
	Connecting  time.Duration `json:"connecting"`            // until all were connected, or had failed to
	Active      int           `json:"active"`                // of the clients, that send and are not slow
	Unasked     int           `json:"unasked"`               // of those, that by chance had no request due in the window, of an open loop

	Requests      int64                `json:"requests"`          // of the active clients, answered
	Missing       int64                `json:"missing,omitempty"` // of those: that there is no such value, of a protocol with keys
	Unanswered    int64                `json:"unanswered"`        // failed
	Errors        map[string]int64     `json:"errors"`
	Distributions map[string]Histogram `json:"distributions"` // by name; see below

	SizesUnanswered map[int]int64 `json:"sizes_unanswered,omitempty"` // of a mix: the failed requests that had been sent, by their payload

	Datagrams results.Datagrams `json:"datagrams"`
	Answers   Moments           `json:"answers"`              // of each active client
	Early     int64             `json:"early"`                // answers before the window
	Warm      int64             `json:"warm"`                 // of Early, before the first slice, in the warm-up
	Completed int64             `json:"completed"`            // answers in the window, whenever their requests were due
	Late      int64             `json:"late"`                 // answers after the window
	Parts     []windowPart      `json:"parts"`                // of the window
	Course    pace.Course       `json:"course,omitempty"`     // of a window in which the rate changes
	CPU       float64           `json:"cpu"`                  // CPUs used over the window: 1 is one CPU all the time
	ServerCPU *float64          `json:"server_cpu,omitempty"` // likewise, by the server's processes that [Stages] lists; nil without, or where a clock cannot be read
	RestCPU   *float64          `json:"rest_cpu,omitempty"`   // the server's over the rests between slices; nil where it is not known, or none was
	Threads   int               `json:"threads"`
	IO        IO                `json:"io"`              // of any of the threads: io_uring, or epoll
	Steal     *float64          `json:"steal,omitempty"` // of the process's CPUs, 0 to 1
	Wait      float64           `json:"wait"`            // of the worst thread: share of the window that it was ready and had no CPU

	StartLate *time.Duration `json:"start_late,omitempty"` // that it began after the instant that was told; nil without one
	Hosts     []results.Host `json:"hosts,omitempty"`      // of processes on other hosts, what each did
}

// The names of distributions, of latencies in nanoseconds. A closed loop without
// thinking has no response and no slip: it intends to send when it sends.
const (
	ServiceDistribution  = "service"
	ResponseDistribution = "response"
	SlipDistribution     = "slip"
	SlowDistribution     = "slow"
	ConnectDistribution  = "connect"
	PacingDistribution   = "pacing"
	SplitSend            = "split_send"
	SplitServer          = "split_server"
	SplitReceive         = "split_receive"
)

// SizeDistribution is the name of the response latencies of one payload of a mix.
func SizeDistribution(payload int) string { return fmt.Sprintf("%s_%d", ResponseDistribution, payload) }

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

// NoResult is the result of a load that could not be measured: nothing of all.
func NoResult() *Result {
	return &Result{StartedAt: time.Now(), Errors: map[string]int64{}, Distributions: map[string]Histogram{}}
}

func (rec *recorder) result() *Result {
	r := NoResult()
	r.Missing, r.Unanswered, r.Datagrams = rec.missing, rec.unanswered, rec.datagrams
	r.Early, r.Warm, r.Completed, r.Late = rec.early, rec.warm, rec.completed, rec.late
	r.Parts, r.Course, r.Threads = rec.parts, rec.course, 1
	for c, n := range rec.errors {
		if n > 0 {
			r.Errors[class(c).String()] = n
		}
	}
	distributions := map[string]*hdrhistogram.Histogram{
		ServiceDistribution:  rec.service,
		ResponseDistribution: rec.response,
		SlipDistribution:     rec.slip,
		SlowDistribution:     rec.slow,
		ConnectDistribution:  rec.connect,
		PacingDistribution:   rec.pacing,
		SplitSend:            rec.splitSend,
		SplitServer:          rec.splitServer,
		SplitReceive:         rec.splitReceive,
	}
	for _, size := range rec.sizes {
		distributions[SizeDistribution(size.payload)] = size.latencies
		r.addUnanswered(size.payload, size.unanswered)
	}
	for name, h := range distributions {
		if h != nil {
			r.Distributions[name] = Histogram{Histogram: h}
		}
	}
	return r
}

func (r *Result) addUnanswered(payload int, n int64) {
	if r.SizesUnanswered == nil {
		r.SizesUnanswered = map[int]int64{}
	}
	r.SizesUnanswered[payload] += n
}

func (r *Result) addParts(o []windowPart) {
	if r.Parts == nil {
		r.Parts = make([]windowPart, len(o))
	}
	for i := range min(len(o), len(r.Parts)) {
		r.Parts[i].Answered += o[i].Answered
		r.Parts[i].Sum += o[i].Sum
		r.Parts[i].Max = max(r.Parts[i].Max, o[i].Max)
	}
}

// distribution returns the distribution of that name, an empty one if there was
// none.
func (r *Result) distribution(name string) Histogram {
	h, ok := r.Distributions[name]
	if !ok {
		h = Histogram{Histogram: results.NewHistogram()}
		r.Distributions[name] = h
	}
	return h
}

// Merge adds what another process or thread measured at the same time.
func (r *Result) Merge(o *Result) error {
	r.Window = max(r.Window, o.Window)
	r.Interrupted = r.Interrupted || o.Interrupted
	r.Connecting = max(r.Connecting, o.Connecting)
	if r.Address == "" {
		r.Address = o.Address
	} else if o.Address != "" && o.Address != r.Address {
		r.Address += ", " + o.Address
	}
	r.Clients += o.Clients
	r.Active += o.Active
	r.Unasked += o.Unasked
	r.Requests += o.Requests
	r.Missing += o.Missing
	r.Unanswered += o.Unanswered
	for class, n := range o.Errors {
		r.Errors[class] += n
	}
	for payload, n := range o.SizesUnanswered {
		r.addUnanswered(payload, n)
	}
	r.Datagrams.Add(o.Datagrams)
	r.Early += o.Early
	r.Warm += o.Warm
	r.Completed += o.Completed
	r.Late += o.Late
	r.addParts(o.Parts)
	if r.Course == nil {
		r.Course = o.Course
	} else if err := r.Course.Merge(o.Course); err != nil {
		return err
	}
	r.Threads += o.Threads
	r.IO = max(r.IO, o.IO)
	r.Wait = max(r.Wait, o.Wait)
	for i := range o.Hosts {
		r.addHost(&o.Hosts[i])
	}
	if o.Steal != nil && (r.Steal == nil || *o.Steal > *r.Steal) {
		r.Steal = o.Steal
	}
	r.Answers.merge(o.Answers)
	r.CPU += o.CPU
	if r.ServerCPU == nil {
		r.ServerCPU = o.ServerCPU
	}
	if r.RestCPU == nil {
		r.RestCPU = o.RestCPU
	}
	for name, h := range o.Distributions {
		if err := r.distribution(name).Add(h.Histogram); err != nil {
			return err
		}
	}
	return nil
}

// from notes what a process of another host did as that host's.
func (r *Result) from(c *Client) {
	if c.Host == "" {
		return
	}
	clock, late := results.Nanos(c.Clock.Uncertainty), results.Nanos(0)
	if r.StartLate != nil {
		late = results.Nanos(*r.StartLate)
	}
	h := results.Host{
		Name: c.Host, Role: results.ClientRole, Threads: r.Threads, Requests: r.Requests, CPUFraction: r.CPU / float64(max(1, r.Threads)),
		StealFraction: r.Steal, WaitFraction: r.Wait, StartLateNS: &late, ClockUncertaintyNS: &clock,
	}
	if pacing := r.latency(PacingDistribution, 0); pacing != nil {
		h.PacingP99 = &pacing.P99
	}
	r.Hosts = []results.Host{h}
}

func (r *Result) addHost(h *results.Host) {
	of := results.Find(r.Hosts, func(known *results.Host) bool { return known.Name == h.Name })
	if of == nil {
		r.Hosts = append(r.Hosts, *h)
		return
	}
	of.Merge(h)
}

// Histogram is a distribution of latencies.
type Histogram = pace.Histogram
