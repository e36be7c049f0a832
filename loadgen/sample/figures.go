package sample

import (
	"bytes"
	"math"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
)

// The signals that ask a server of ours: it answers with a line of JSON, an [Answer], on
// standard output. A signal costs nothing while none comes, where reading standard input would
// cost a thread.
const (
	AskFigures   = syscall.SIGUSR1
	AskCollected = syscall.SIGUSR2 // figures after a garbage collection
	// AskProfile begins a CPU profile, and the next ends it and is answered. It is a real-time
	// signal, which only Linux has.
	AskProfile = syscall.Signal(42)
)

// Answer is the answer, which is to the question alone.
type Answer struct {
	Runtime *Figures `json:"runtime,omitempty"`
	Profile []byte   `json:"profile,omitempty"` // as runtime/pprof writes it
}

// Answers answers the signals of a process.
type Answers struct{ profile *bytes.Buffer }

// Notify makes the signals that ask come on a channel.
func (*Answers) Notify(asked chan<- os.Signal) {
	signal.Notify(asked, AskFigures, AskCollected, AskProfile)
}

// To is the answer to a signal, nil where it asks for none.
func (a *Answers) To(asked os.Signal) *Answer {
	if asked != AskProfile {
		return &Answer{Runtime: ReadFigures(asked == AskCollected)}
	}
	if a.profile == nil {
		a.profile = new(bytes.Buffer)
		pprof.StartCPUProfile(a.profile) // which fails where another is being made
		return nil
	}
	pprof.StopCPUProfile()
	answer := &Answer{Profile: a.profile.Bytes()}
	a.profile = nil
	return answer
}

// Figures is what Go's runtime says of its process, since its start.
type Figures struct {
	GOMAXPROCS int   `json:"gomaxprocs"`
	Goroutines int64 `json:"goroutines"`
	GCCycles   int64 `json:"gc_cycles"`
	GCPauseNS  int64 `json:"gc_pause_ns"`
	HeapBytes  int64 `json:"heap_bytes"`  // objects, dead ones too until they are collected
	StackBytes int64 `json:"stack_bytes"` // of goroutines

	GOGC        int64  `json:"gogc_percent"`       // -1 for off
	MemoryLimit int64  `json:"memory_limit_bytes"` // [math.MaxInt64] for none
	GODEBUG     string `json:"godebug,omitempty"`  // what the program was built with and the variable's, commas between
}

// ReadFigures reads those of this process, after a garbage collection if asked to.
func ReadFigures(collect bool) *Figures {
	if collect {
		runtime.GC()
	}
	samples := []metrics.Sample{
		{Name: "/sched/goroutines:goroutines"},
		{Name: "/gc/cycles/total:gc-cycles"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/stacks:bytes"},
		{Name: "/gc/gogc:percent"},
		{Name: "/gc/gomemlimit:bytes"},
	}
	metrics.Read(samples)
	number := func(i int) int64 {
		if samples[i].Value.Kind() != metrics.KindUint64 {
			return 0
		}
		return int64(samples[i].Value.Uint64())
	}
	var gc debug.GCStats // whose total is exact, where the histogram of metrics is not
	debug.ReadGCStats(&gc)
	return &Figures{
		GOMAXPROCS: runtime.GOMAXPROCS(0),
		Goroutines: number(0),
		GCCycles:   number(1),
		GCPauseNS:  int64(gc.PauseTotal),
		HeapBytes:  number(2),
		StackBytes: number(3),

		GOGC:        int64(int32(number(4))), // off is the greatest that there is
		MemoryLimit: number(5),
		GODEBUG:     godebug(),
	}
}

// Settings are those of Go's runtime by the names of their variables.
func (f *Figures) Settings() map[string]string {
	inForce := map[string]string{"GOGC": "off", "GOMEMLIMIT": "off", "GOMAXPROCS": strconv.Itoa(f.GOMAXPROCS)}
	if f.GOGC >= 0 {
		inForce["GOGC"] = strconv.FormatInt(f.GOGC, 10)
	}
	if f.MemoryLimit < math.MaxInt64 {
		inForce["GOMEMLIMIT"] = strconv.FormatInt(f.MemoryLimit, 10)
	}
	if f.GODEBUG != "" {
		inForce["GODEBUG"] = f.GODEBUG
	}
	return inForce
}

// godebug is what is in force of GODEBUG: what the program was built with, and over it the
// variable.
func godebug() string {
	var parts []string
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "DefaultGODEBUG" && s.Value != "" {
				parts = append(parts, s.Value)
			}
		}
	}
	if set := os.Getenv("GODEBUG"); set != "" {
		parts = append(parts, set)
	}
	return strings.Join(parts, ",")
}
