package results

// Environment is the machine and the software a run was made with: what a
// reader needs before comparing its figures with any others.
type Environment struct {
	Kernel      string `json:"kernel"`
	OS          string `json:"os"`
	Arch        string `json:"arch"`
	CPU         string `json:"cpu"`   // the model's name
	Cores       int    `json:"cores"` // online
	MemoryBytes int64  `json:"memory_bytes"`
	Virtual     string `json:"virtualisation,omitempty"` // what is known of it; empty where there is none to be seen
	Governor    string `json:"governor,omitempty"`       // of the CPUs' frequency, where the system says

	AllowedCPUs string            `json:"allowed_cpus"`
	ServerCPUs  string            `json:"server_cpus"`
	ClientCPUs  string            `json:"client_cpus"`
	SharedCPUs  bool              `json:"cpus_shared"` // by server and client, each taking time from the other
	Sysctls     map[string]string `json:"sysctls"`     // those that shape a socket benchmark
	OpenFiles   uint64            `json:"limit_open_files"`
	Limits      map[string]string `json:"limits,omitempty"` // others of a process: soft / hard
	Clock       string            `json:"clock_source"`
	Warnings    []string          `json:"warnings,omitempty"` // what bends the figures here, in words: knobs that the kernel cuts, a quota of CPU time
	Group       *ControlGroup     `json:"control_group,omitempty"`

	Go         string            `json:"go"`
	GOMAXPROCS int               `json:"gomaxprocs"` // of the process that ran the trials; each server has as many as CPUs
	GoSettings GoSettings        `json:"go_settings,omitzero"`
	Modules    map[string]string `json:"modules"` // path to version
	Commit     string            `json:"commit,omitempty"`
	Binary     string            `json:"binary,omitempty"` // of connbench's program, the beginning of its SHA-256 in hex
	Python     string            `json:"python,omitempty"` // of the rows in Python

	Hosts []Member `json:"hosts,omitempty"` // of a run on several, of which the rest speaks of the server's
}

// SpareDescriptors is what a process needs beside its connections: standard streams,
// epolls, the runtime's own.
const SpareDescriptors = 64

// ControlGroup is the least that the control groups of the processes allow of each
// kind; absent where there is no limit or none can be read.
type ControlGroup struct {
	MemoryBytes int64   `json:"memory_bytes,omitempty"`
	PIDs        int64   `json:"pids,omitempty"` // processes and threads; absent too where another limit on them is lower
	CPUs        float64 `json:"cpus,omitempty"` // at once in the mean
}

// GoSettings are what shapes Go's runtime in the servers that are ours, which inherit them.
type GoSettings struct {
	Set     map[string]string `json:"set,omitempty"`      // of GOGC, GODEBUG, GOMAXPROCS and GOMEMLIMIT, those in the environment's variables
	InForce map[string]string `json:"in_force,omitempty"` // the same as the runtime has taken them; GOMAXPROCS is a server's on its CPUs
}
