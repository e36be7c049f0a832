package results

import (
	"fmt"
)

// ServerUsage is what the system said of the server's processes, and what the server
// itself said where it is one of ours. The CPU time is that of the window: the client's
// thread that counts requests reads the clocks of the server's processes, and its own, at
// the window's ends. Where processes came or went under the load it is the load's, by the
// window's share of the answers, as the switches of context always are: to read those takes too
// long to be done in the window. Memory and threads are those after the last answer.
type ServerUsage struct {
	ServerCPUPerRequest float64 `json:"server_cpu_ns_per_request"`
	ServerCPUFraction   float64 `json:"server_cpu_fraction"`   // of the time of its CPUs, 1 = all of it
	ServerRSSBytes      int64   `json:"server_rss_bytes"`      // after the last answer
	ServerPeakRSSBytes  int64   `json:"server_peak_rss_bytes"` // since its start
	ServerThreads       int     `json:"server_threads"`        // after the last answer
	ServerVoluntary     int64   `json:"server_voluntary_switches"`
	ServerInvoluntary   int64   `json:"server_involuntary_switches"`

	ServerRestCPUs *float64         `json:"server_rest_cpus,omitempty"`            // that it used while other trials of the block had their slices
	ServerParked   Parked           `json:"server_parked_threads,omitempty"`       // when all clients were connected and silent, by system call
	ServerSyscalls *float64         `json:"server_syscalls_per_request,omitempty"` // in the warm-up, where the kernel counts them
	ServerRuntime  *Runtime         `json:"server_runtime,omitempty"`              // of one process in Go that says so
	ServerIdle     *IdleMemory      `json:"server_idle_connection,omitempty"`      // from so many connections on that it can be told
	ServerCounters map[string]int64 `json:"server_counters,omitempty"`             // the server's own, by class; our rows only
}

// Parked counts the threads of a server by the system call in which they wait.
type Parked map[string]int

// Runtime is what Go's runtime said of itself.
type Runtime struct {
	GOMAXPROCS int   `json:"gomaxprocs"`
	Goroutines int64 `json:"goroutines"`  // at the window's end
	GCCycles   int64 `json:"gc_cycles"`   // in the window
	GCPauseNS  int64 `json:"gc_pause_ns"` // in the window, all together
}

// IdleMemory is what a connection costs on which nothing has been sent: the growth
// from none to all of the clients, by their number. Go's part is after a collection on
// either side; a part that cannot be told is absent.
type IdleMemory struct {
	Connections   int      `json:"connections"`
	ResidentBytes float64  `json:"resident_bytes"`                // of the processes, whatever it is for
	HeapBytes     *float64 `json:"go_heap_bytes,omitempty"`       // live objects
	StackBytes    *float64 `json:"go_stack_bytes,omitempty"`      // in use for stacks
	KernelBytes   *float64 `json:"kernel_bytes,omitempty"`        // the socket and its buffers, of TCP; not the file, inode and epoll item
	SocketBytes   *float64 `json:"kernel_socket_bytes,omitempty"` // of them, the socket itself

	// Of many connections, by which the memory of the whole host tells something: what the
	// client's processes have grown by, and what less is available, for both ends and the kernel.
	ClientBytes *float64 `json:"client_bytes,omitempty"`
	HostBytes   *float64 `json:"host_bytes,omitempty"`
}

// Kernel is what the kernel's counters of its network gained from before the server
// started until it was asked to end. They are of all sockets of the host, and absent
// where they cannot be read.
type Kernel struct {
	ListenOverflows int64 `json:"listen_overflows"` // connections that found the backlog full
	ListenDrops     int64 `json:"listen_drops"`     // those and others that were dropped before they were accepted
	Retransmits     int64 `json:"tcp_retransmits"`  // segments sent again, SYNs among them
	UDPDrops        int64 `json:"udp_drops"`        // datagrams for which a receive buffer had no room

	SynRetransmits *int64 `json:"tcp_syn_retransmits,omitempty"` // SYNs, and answers to them, sent again; trials of earlier versions lack it
}

// Noise is what others than server and client did on their CPUs in the window, as far
// as the system says. Fractions are of the time of the CPUs they speak of, 0 to 1.
type Noise struct {
	CPUs         []CPUNoise `json:"cpus,omitempty"`                      // absent of slices
	ServerWait   *float64   `json:"server_run_queue_fraction,omitempty"` // that the server's threads were ready and had no CPU, all together; may be more than 1
	ServerOthers *float64   `json:"server_others_fraction,omitempty"`    // that other processes ran on the server's CPUs
	ClientOthers *float64   `json:"client_others_fraction,omitempty"`    // and on the client's
	Restless     *float64   `json:"restless_fraction,omitempty"`         // that the other servers of the block ran on the server's CPUs in this one's slices
}

// CPUNoise is of one CPU that server or client used.
type CPUNoise struct {
	CPU           int     `json:"cpu"`
	StealFraction float64 `json:"steal_fraction"` // by the hypervisor
	BusyFraction  float64 `json:"busy_fraction"`  // running anything, by the smaller of two counts: not idle, and busy at ticks
}

// Strain is what the limits of control groups did to a trial's processes, from before the
// server started until it had ended.
type Strain struct {
	Killed           int64 `json:"oom_kills,omitempty"`          // by the kernel for want of memory
	MemoryLimitBytes int64 `json:"memory_limit_bytes,omitempty"` // that binds then; absent where no group has one
	Refused          int64 `json:"pids_refused,omitempty"`       // processes and threads that could not start
	PIDsLimit        int64 `json:"pids_max,omitempty"`           // then
}

// Memory says why processes were killed.
func (s *Strain) Memory() string {
	if s.MemoryLimitBytes == 0 {
		return "the kernel killed a process for want of memory"
	}
	return "the kernel killed a process for want of memory, with a " + MemoryLimit(s.MemoryLimitBytes)
}

// MemoryLimit names a limit of memory.
func MemoryLimit(n int64) string { return "cgroup limit of " + Bytes(n) }

// PIDsLimit names a limit of processes and threads.
func PIDsLimit(n int64) string { return fmt.Sprintf("cgroup's pids.max of %d", n) }

// OutOfMemory reports whether the kernel has killed one of the trial's processes.
func (t *Trial) OutOfMemory() bool { return t.Strain != nil && t.Strain.Killed > 0 }

// RefusedThreads reports whether a control group had no room for a thread or a process.
func (t *Trial) RefusedThreads() bool { return t.Strain != nil && t.Strain.Refused > 0 }
