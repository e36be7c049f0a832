package results

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

// Figure is something that a trial measures: one entry of the catalogue, which all that
// rank, write or draw read. A new figure is one entry of [Figures]: its Name says where
// in a trial it is found, its Unit how it is written.
type Figure struct {
	Name  string // as in trials.jsonl, with the objects around it: server_runtime.gc_pause_ns
	Title string // for people, in a sentence or above a chart
	Head  string // above a column, with line breaks where a terminal has little room; empty for Title
	Hint  string // what it is, for who does not know it
	Unit  Unit
	More  bool   // more is better
	Loop  Loop   // of which it says something by which rows compare; empty for both
	Bench string // its unit in Go's benchmark format

	derived func(*Trial) (v float64, known bool) // nil where the trial has it as it is
	field   []int                                // that has it
}

// Unit is what a figure counts.
type Unit int

const (
	Number      Unit = iota // of things, or of things a second
	Nanoseconds             // which may be infinite
	ByteCount               // what was measured of memory, which may have come to nothing or less
	Whole                   // of things that are counted in each trial, so that a median is one of them
)

// Untold stands for memory that came to less than a byte, or to less than nothing.
const Untold = "≈ 0"

// UntoldMeaning explains it.
const UntoldMeaning = Untold + ": below what can be told, by pages that a process takes and gives back meanwhile"

// Text is a value for people.
func (u Unit) Text(v float64) string {
	switch u {
	case Nanoseconds:
		return Nanos(v).String()
	case ByteCount:
		if v < 1 {
			return Untold
		}
		return Bytes(int64(v))
	}
	return Count(v)
}

// The catalogue, by the figures' names in Go.
var (
	Throughput = &Figure{Name: "throughput_rps", Title: "req/s", Hint: "requests answered a second", More: true, Loop: ClosedLoop, Bench: "req/s"}
	P50        = &Figure{Name: "response_latency_ns.p50", Title: "p50", Hint: "median response latency", Unit: Nanoseconds, Loop: OpenLoop, Bench: "p50-ns"}
	P99        = &Figure{Name: "response_latency_ns.p99", Title: "p99", Hint: "99th percentile of the response latency", Unit: Nanoseconds, Bench: "p99-ns"}
	ServiceP99 = &Figure{Name: "service_latency_ns.p99", Title: "p99 service", Head: "p99\nservice", Hint: "99th percentile from the actual send", Unit: Nanoseconds}
	SlipP99    = &Figure{Name: "slip_ns.p99", Title: "p99 slip", Hint: "99th percentile from the intended to the actual send", Unit: Nanoseconds}

	ServerCPU = &Figure{Name: "server_cpu_ns_per_request", Title: "server CPU/req", Head: "server\nCPU/req", Hint: "CPU time the server takes a request", Unit: Nanoseconds, Bench: "server-ns/req"}
	ClientCPU = &Figure{Name: "client_cpu_ns_per_request", Title: "client CPU/req", Head: "client\nCPU/req", Hint: "CPU time the client takes a request", Unit: Nanoseconds}
	ServerRSS = &Figure{Name: "server_rss_bytes", Title: "server RSS", Head: "server\nRSS", Hint: "resident memory of the server", Unit: ByteCount, Bench: "server-RSS-bytes"}
	Threads   = &Figure{Name: "server_threads", Title: "threads", Hint: "threads of the server", Unit: Whole}

	Active   = &Figure{Name: "clients_active", Title: "clients that ask", Hint: "clients that send at full speed", Unit: Whole}
	Unserved = &Figure{Name: "clients_unserved", Title: "clients without an answer", Unit: Whole, derived: unserved}
	Missing  = &Figure{Name: "missing_fraction", Title: "misses", Hint: "share of the answers that there is no such value", derived: missing}
	Fairness = &Figure{Name: "fairness_jain", Title: "fairness", Hint: "Jain's index over the clients' answers", More: true}
	Steal    = &Figure{Name: "steal_fraction", Title: "steal", Hint: "share of the CPUs' time that the hypervisor took"}

	PeakRSS      = &Figure{Name: "server_peak_rss_bytes", Title: "peak RSS", Head: "peak\nRSS", Unit: ByteCount}
	IdleRSS      = &Figure{Name: "server_idle_connection.resident_bytes", Title: "RSS/idle connection", Head: "idle conn\nRSS", Hint: "resident memory of one that has sent nothing", Unit: ByteCount, Bench: "idle-conn-bytes"}
	IdleHeap     = &Figure{Name: "server_idle_connection.go_heap_bytes", Title: "idle conn heap", Head: "\nheap", Unit: ByteCount}
	IdleStack    = &Figure{Name: "server_idle_connection.go_stack_bytes", Title: "idle conn stack", Head: "\nstack", Unit: ByteCount}
	IdleKernel   = &Figure{Name: "server_idle_connection.kernel_bytes", Title: "idle conn kernel", Head: "\nkernel", Unit: ByteCount}
	IdleClient   = &Figure{Name: "server_idle_connection.client_bytes", Title: "idle conn client", Head: "\nclient", Hint: "resident memory of its client", Unit: ByteCount}
	IdleHost     = &Figure{Name: "server_idle_connection.host_bytes", Title: "idle conn host", Head: "\nhost", Hint: "what of the host's memory it takes: both ends and the kernel", Unit: ByteCount}
	Goroutines   = &Figure{Name: "server_runtime.goroutines", Title: "goroutines", Head: "gorou-\ntines", Unit: Whole}
	Voluntary    = &Figure{Name: "server_voluntary_switches", Title: "switches voluntary", Head: "switches\nvoluntary", Unit: Whole}
	Involuntary  = &Figure{Name: "server_involuntary_switches", Title: "switches invol.", Head: "\ninvol.", Unit: Whole}
	GCCycles     = &Figure{Name: "server_runtime.gc_cycles", Title: "GC cycles", Head: "GC\ncycles", Unit: Whole}
	GCPause      = &Figure{Name: "server_runtime.gc_pause_ns", Title: "GC pause", Head: "\npause", Unit: Nanoseconds}
	Syscalls     = &Figure{Name: "server_syscalls_per_request", Title: "syscalls/req", Head: "syscalls\n/req"}
	Overflows    = &Figure{Name: "kernel.listen_overflows", Title: "listen overfl.", Head: "listen\noverfl.", Hint: "connections that found the backlog full, of the whole host", Unit: Whole}
	ListenDrops  = &Figure{Name: "kernel.listen_drops", Title: "listen drops", Head: "\ndrops", Unit: Whole}
	Retransmits  = &Figure{Name: "kernel.tcp_retransmits", Title: "TCP retrans.", Head: "TCP\nretrans.", Unit: Whole}
	SYNsAgain    = &Figure{Name: "kernel.tcp_syn_retransmits", Title: "SYNs again", Head: "SYNs\nagain", Hint: "SYNs, and answers to them, that were sent once more, of the whole host", Unit: Whole}
	UDPDropCount = &Figure{Name: "kernel.udp_drops", Title: "UDP drops", Head: "UDP\ndrops", Unit: Whole}

	ConnectP50  = &Figure{Name: "connect_latency_ns.p50", Title: "connect p50", Head: "connect\np50", Hint: "median of the time to connect", Unit: Nanoseconds}
	ConnectRate = &Figure{Name: "connects_per_second", Title: "connects/s", Head: "connects\n/s", Hint: "connections a second while all clients connected", More: true, derived: connectRate}
	ConnectP99  = &Figure{Name: "connect_latency_ns.p99", Title: "connect p99", Hint: "99th percentile of the time to connect; ∞ where one client in a hundred was not connected", Unit: Nanoseconds, Bench: "connect-p99-ns", derived: connectP99}
	Unconnected = &Figure{Name: "unconnected", Title: "lost", Head: "\nlost", Hint: "attempts to connect that were refused, reset or timed out", Unit: Whole, derived: unconnected}
)

var (
	// Metrics are those by which rows are compared, in this order.
	Metrics = []*Figure{ServerCPU, Throughput, P99, P50, ServerRSS, IdleRSS}
	// Resources are what a server takes, and what became of the machine.
	Resources = []*Figure{
		PeakRSS, IdleRSS, IdleHeap, IdleStack, IdleKernel, IdleClient, IdleHost, Goroutines, Voluntary, Involuntary, GCCycles, GCPause, Syscalls,
		ConnectRate, Overflows, ListenDrops, Retransmits, SYNsAgain, UDPDropCount,
	}
	// Figures is the whole catalogue.
	Figures = catalogue(
		[]*Figure{Throughput, P50, P99, ServiceP99, SlipP99, ServerCPU, ClientCPU, ServerRSS, Threads, Active, Unserved, Missing, Fairness, Steal},
		Resources, []*Figure{ConnectP50, ConnectP99, Unconnected},
	)
)

// catalogue finds the fields of the figures, each once. A name that no field has is a
// mistake in this file.
func catalogue(lists ...[]*Figure) []*Figure {
	all := slices.Concat(lists...)
	known := visibleFields{}
	for _, f := range all {
		if f.derived == nil {
			f.field = known.place(reflect.TypeFor[Trial](), strings.Split(f.Name, "."))
		}
	}
	return all
}

// visibleFields are those of types that have been looked at. To look takes long, and every
// process that begins fills the catalogue.
type visibleFields map[reflect.Type][]reflect.StructField

// place is that of a field by its names in JSON, the outermost first.
func (v visibleFields) place(t reflect.Type, names []string) []int {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if len(names) == 0 {
		return nil
	}
	if v[t] == nil {
		v[t] = reflect.VisibleFields(t)
	}
	for _, f := range v[t] {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name == names[0] {
			return append(slices.Clone(f.Index), v.place(f.Type, names[1:])...)
		}
	}
	panic(fmt.Sprintf("%v has no %s", t, names[0]))
}

// Of reads the figure from a trial. What was not measured is not known.
func (f *Figure) Of(t *Trial) (v float64, known bool) {
	if f.derived != nil {
		return f.derived(t)
	}
	at, err := reflect.ValueOf(t).Elem().FieldByIndexErr(f.field)
	if err != nil { // an object around it is absent
		return 0, false
	}
	if at.Kind() == reflect.Pointer {
		if at.IsNil() {
			return 0, false
		}
		at = at.Elem()
	}
	if at.CanInt() {
		return float64(at.Int()), true
	}
	return at.Float(), true
}

// Positive reads the figure where it has a ratio to others.
func (f *Figure) Positive(t *Trial) (float64, bool) {
	v, known := f.Of(t)
	return v, known && v > 0
}

// Text is a value of the figure for people.
func (f *Figure) Text(v float64) string {
	if f == ConnectP99 && NeverConnects(v) {
		v = math.Inf(1)
	}
	return f.Unit.Text(v)
}

// Column is what stands above a column of the figure, a line break where there is little room.
func (f *Figure) Column() string {
	if f.Head != "" {
		return f.Head
	}
	return f.Title
}

// Better reports whether a ratio b/a is one for the better.
func (f *Figure) Better(ratio float64) bool { return (ratio > 1) == f.More }

// FigureNamed is the figure of a name, nil where there is none.
func FigureNamed(name string) *Figure {
	if i := slices.IndexFunc(Figures, func(f *Figure) bool { return f.Name == name }); i >= 0 {
		return Figures[i]
	}
	return nil
}

// MetricsOf are the metrics that say something of a loop.
func MetricsOf(l Loop) []*Figure {
	return slices.DeleteFunc(slices.Clone(Metrics), func(m *Figure) bool { return m.Loop != "" && m.Loop != l })
}

func unserved(t *Trial) (float64, bool) {
	return float64(max(0, t.ClientsActive-t.ClientsServed)), true
}

func missing(t *Trial) (float64, bool) {
	return float64(t.Missing) / float64(max(1, t.Requests)), t.Missing > 0
}

// unconnected counts the attempts to connect that failed.
func unconnected(t *Trial) (float64, bool) {
	return float64(t.Errors["refused"] + t.Errors["reset"] + t.Errors["connect_timeout"]), true
}

// neverConnected stands for the infinite time to connect: a median between infinite
// values would be none.
const NeverConnected = float64(MaxLatency)

// NeverConnects reports whether a time to connect, in ns, is [NeverConnected], but for what a level by
// logarithms has lost of it.
func NeverConnects(ns float64) bool { return ns > 0.999*NeverConnected }

func connectP99(t *Trial) (float64, bool) {
	if t.ConnectLatency == nil {
		return 0, false
	}
	if lost, _ := unconnected(t); lost > 0.01*float64(t.Clients) {
		return NeverConnected, true
	}
	return float64(t.ConnectLatency.P99), true
}

func connectRate(t *Trial) (float64, bool) {
	if t.ConnectingNS == 0 || t.ConnectLatency == nil {
		return 0, false
	}
	lost, _ := unconnected(t)
	return max(0, float64(t.Clients)-lost) / float64(t.ConnectingNS) * 1e9, true
}

// Median is that of the figure's sorted values: of what is counted the larger of the middle two
// where their number is even, as what it costs is not to be made less.
func (f *Figure) Median(sorted []float64) float64 {
	if f.Unit == Whole {
		return MedianCount(sorted)
	}
	return Median(sorted)
}

// MedianCount is the median of sorted counts, which is one of them.
func MedianCount(sorted []float64) float64 { return sorted[len(sorted)/2] }

// median of sorted values; the mean of the middle two where their number is even.
func Median(sorted []float64) float64 {
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}
