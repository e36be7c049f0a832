package results

import (
	"slices"
	"time"
)

// Loop says who decides when the next request is sent.
type Loop string

const (
	// ClosedLoop: each client sends its next request when the last was answered.
	// Throughput is then the server's capacity and latency follows from it
	// (clients / throughput), so a closed trial is read as saturated throughput.
	ClosedLoop Loop = "closed"
	// OpenLoop: requests are due at times fixed ahead, whatever the server does.
	OpenLoop Loop = "open"
)

// Datagram is the Framing of a trial on udp, where a datagram is a request.
const Datagram = "datagram"

// The probes that a trial of a table can be; see [Trial].
const (
	ProbeCapacity   = "capacity"   // does the server keep up with so many clients
	ProbeRate       = "rate"       // and with so many requests a second
	ProbeSaturation = "saturation" // what is its highest throughput
	ProbeHalf       = "half"       // what is its latency at half of that
)

// Trial is one measurement: one model, one workload, one fresh server process.
// Its JSON form is the contract of `load --json` and of a line of trials.jsonl;
// a field with a unit has it in its name. What could not be measured is absent,
// never zero.
type Trial struct {
	Trial   int `json:"trial"`             // position in the run's order, from 0
	Attempt int `json:"attempt,omitempty"` // how often the trial was made before: it was disturbed by others, or a host was lost
	Block   int `json:"block"`             // the trials of one block measure one point, a model each

	Environment int `json:"environment,omitempty"` // where it was made: 0 is the run's Environment, 1 the first of its Elsewhere

	Probe string `json:"probe,omitempty"` // what a table measures by it; see [ProbeCapacity]

	Model        string `json:"model,omitempty"` // empty for `load`, which knows only an address
	Network      string `json:"network"`
	Framing      string `json:"framing"`
	Request      string `json:"request,omitempty"` // of http, resp and memcache: what each request asks for
	Work         string `json:"work,omitempty"`
	Knobs        string `json:"knobs,omitempty"` // of the server, as flags with a space between them
	Loop         Loop   `json:"loop"`
	Clients      int    `json:"clients"`
	PayloadBytes int    `json:"payload_bytes"`         // of each request; the mean of a mix
	PayloadMix   string `json:"payload_mix,omitempty"` // as `load --payload` has it; absent where all are alike
	Pipeline     int    `json:"pipeline"`              // requests that a client may have unanswered
	ThinkNS      int64  `json:"think_ns,omitempty"`    // of a closed loop: from an answer to the client's next request
	Address      string `json:"address,omitempty"`     // that the clients of `load` connected to: of a name with several, the one

	RateRPS         float64 `json:"rate_rps,omitempty"`          // asked for, of an open loop; the mean where it changes
	RateProfile     string  `json:"rate_profile,omitempty"`      // how it changes over the window, as `load --rate` has it; absent where it does not
	Arrivals        string  `json:"arrivals,omitempty"`          // of an open loop: constant or poisson
	ClientsActive   int     `json:"clients_active"`              // of the clients, those that send at full speed; of an open loop, those with a request due in the window
	RequestsPerConn int     `json:"requests_per_conn,omitempty"` // after which a client connects anew
	Seed            uint64  `json:"seed"`

	StartedAt  time.Time `json:"started_at"`
	DurationNS int64     `json:"duration_ns"` // the measured window, warm-up left out

	Interrupted bool `json:"interrupted,omitempty"` // a signal ended the window early, of `load`

	// Requests counts those sent inside the window and answered, right to the
	// last byte; ThroughputRPS is Requests over the window.
	Requests        int64    `json:"requests"`
	Missing         int64    `json:"missing,omitempty"` // of those, which answer that there is no such value; absent where none does
	ThroughputRPS   float64  `json:"throughput_rps"`
	ResponseLatency *Latency `json:"response_latency_ns"` // from the intended send; null without any request in the window
	ServiceLatency  *Latency `json:"service_latency_ns"`  // from the actual send; likewise

	Sizes  []OfSize `json:"sizes,omitempty"`  // of a mix: each payload's requests
	Series *Series  `json:"series,omitempty"` // of the window, where the rate changes

	Slip           *Latency `json:"slip_ns,omitempty"`            // from the intended to the actual send
	SlowLatency    *Latency `json:"slow_latency_ns,omitempty"`    // of the slow clients, which are in no other figure
	ConnectLatency *Latency `json:"connect_latency_ns,omitempty"` // of connections
	ConnectingNS   int64    `json:"connecting_ns,omitempty"`      // until all clients were connected, or had failed to

	Split *Split `json:"split_ns,omitempty"` // of the round trip, where the kernel stamps packets

	Errors        map[string]int64 `json:"errors"`               // class to count, failures only
	Unanswered    *int64           `json:"unanswered,omitempty"` // requests that failed; trials of earlier versions lack it
	Datagrams     *Datagrams       `json:"datagrams,omitempty"`
	ClientsServed int              `json:"clients_served"` // clients with an answer in the window
	FairnessJain  *float64         `json:"fairness_jain"`  // over the clients' answers: 1/clients (one had all) to 1; null without any answer

	ClientCPUPerRequest *float64 `json:"client_cpu_ns_per_request,omitempty"`
	Client              *Client  `json:"client,omitempty"`
	*ServerUsage                 // absent where the server's process is not ours to look at
	ServerKilledAfterNS int64    `json:"server_killed_after_ns,omitempty"` // how long it was given to end after the load, where that was not enough: its counters are missing
	CPUsShared          bool     `json:"cpus_shared,omitempty"`            // by server and client
	StealFraction       *float64 `json:"steal_fraction,omitempty"`         // of the CPUs used, 0 to 1
	Noise               *Noise   `json:"noise,omitempty"`                  // what else ran there
	Kernel              *Kernel  `json:"kernel,omitempty"`                 // what its counters say of the whole host
	Strain              *Strain  `json:"control_group,omitempty"`          // what control groups refused; absent where that is nothing
	Hosts               []Host   `json:"hosts,omitempty"`                  // what each did, of a trial on several

	CPUProfile *CPUProfile `json:"cpu_profile,omitempty"` // of a trial that was made for it

	Verdicts   []string `json:"verdicts"`             // why the figures must not be trusted; empty = valid
	Failure    string   `json:"failure,omitempty"`    // why there are no figures at all
	HostLost   bool     `json:"host_lost,omitempty"`  // that is: another host was lost, so that the trial is to be repeated
	Histograms string   `json:"histograms,omitempty"` // the HdrHistogram log, relative to the run's folder
}

// OfSize is the requests of one payload of a mix, of clients at full speed.
type OfSize struct {
	PayloadBytes    int      `json:"payload_bytes"`
	Requests        int64    `json:"requests"`            // answered
	Unanswered      int64    `json:"unanswered"`          // that had been sent; the payload of others was never drawn
	ResponseLatency *Latency `json:"response_latency_ns"` // null without any request
}

// Split is where sampled round trips spent their time, by the kernel's stamps
// (SO_TIMESTAMPING, in software).
type Split struct {
	Samples int64   `json:"samples"`
	Send    Latency `json:"send"`    // in the client's kernel, from its call to the network's edge
	Server  Latency `json:"server"`  // beyond that edge: network, server's kernel and server
	Receive Latency `json:"receive"` // from the answer's arrival until the client had read it
}

// Client is what the client knows of its own work: what the verdicts on a trial
// rest on. The window's parts are an even number of a second or more: ten up to 20 s, and 600
// from ten minutes on.
type Client struct {
	Threads      int       `json:"threads"`
	IO           string    `json:"io"`                           // io_uring or epoll
	CPUFraction  float64   `json:"cpu_fraction"`                 // of the threads' time in the window, 1 = all of it
	WaitFraction float64   `json:"run_queue_fraction,omitempty"` // that the worst thread was ready and had no CPU; absent of a trial in slices
	Completed    int64     `json:"completed"`                    // answers that came in the window, whenever the request was due
	Pacing       *Latency  `json:"pacing_ns,omitempty"`          // how late an open loop looked at a request that was due
	WindowRPS    []float64 `json:"window_rps"`                   // answers a second in each part of the window, by when the request was due
	WindowMeanNS []float64 `json:"window_mean_ns"`               // mean response latency in each part
	WindowMaxNS  []float64 `json:"window_max_ns,omitempty"`      // and the longest
}

// Datagrams is the fate of datagrams that did not simply come back once and in
// order. All three are counted over the window; lost ones by when the request was due.
type Datagrams struct {
	Lost       int64 `json:"lost"`       // no answer until the request was sent again or given up, nor later
	Duplicated int64 `json:"duplicated"` // an answer to a request answered before
	Reordered  int64 `json:"reordered"`  // an answer that came after that to a later request
}

// Add adds what was counted elsewhere.
func (d *Datagrams) Add(o Datagrams) {
	d.Lost += o.Lost
	d.Duplicated += o.Duplicated
	d.Reordered += o.Reordered
}

// Valid reports whether the trial has figures and no verdict against them.
func (t *Trial) Valid() bool { return t.Failure == "" && len(t.Verdicts) == 0 }

// ConnectionLost is the class of connections that the server ended while no request was
// open on them. No request failed by that.
const ConnectionLost = "connection_lost"

// IdleUnserved is the class of idle clients that had no answer when they asked once, after
// the load: they were connected and never accepted, or have lost their connection. They
// are in no other figure.
const IdleUnserved = "idle_unserved"

// Failed sums the errors of requests and of attempts to connect.
func (t *Trial) Failed() int64 {
	var n int64
	for class, c := range t.Errors {
		if class != ConnectionLost && class != IdleUnserved {
			n += c
		}
	}
	return n
}

// forget takes out of a trial what it does not tell: versions before wrote a latency of 0
// where there was no request, and took such a trial for valid.
func (t *Trial) forget() {
	for _, l := range []**Latency{&t.ResponseLatency, &t.ServiceLatency} {
		if *l != nil && **l == (Latency{}) {
			*l = nil
		}
	}
	if t.FairnessJain != nil && *t.FairnessJain == 0 {
		t.FairnessJain = nil
	}
	if t.ResponseLatency == nil && t.Failure == "" && noRequests(t) && !slices.Contains(t.Verdicts, NoRequests) {
		t.Verdicts = append(t.Verdicts, NoRequests)
	}
}

// failedRequests is how many requests were never answered.
func (t *Trial) FailedRequests() int64 {
	if t.Unanswered == nil {
		return t.Failed()
	}
	return *t.Unanswered
}

// A percentile needs so many requests to be another figure than their maximum.
const (
	P99Needs  = 100
	p999Needs = 1000
)

// asked is how many requests the trial's latencies rest on, answered or failed.
func (t *Trial) Asked() int64 { return t.Requests + t.FailedRequests() }

// TooFew says how many requests the percentiles rest on where those are too few for
// them; else it is empty.
func (t *Trial) TooFew() string {
	n := t.Asked()
	switch {
	case n == 0 || n >= p999Needs:
		return ""
	case n >= P99Needs:
		return "p99.9 of " + Plural(int(n), "request")
	}
	return "p99 and p99.9 of " + Plural(int(n), "request")
}
