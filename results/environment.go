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

	AllowedCPUs string            `json:"allowed_cpus"`
	ServerCPUs  string            `json:"server_cpus"`
	ClientCPUs  string            `json:"client_cpus"`
	SharedCPUs  bool              `json:"cpus_shared"` // by server and client, each taking time from the other
	Sysctls     map[string]string `json:"sysctls"`     // those that shape a socket benchmark
	OpenFiles   uint64            `json:"limit_open_files"`
	Clock       string            `json:"clock_source"`

	Go      string            `json:"go"`
	Modules map[string]string `json:"modules"` // path to version
	Commit  string            `json:"commit,omitempty"`
	Python  string            `json:"python,omitempty"` // of the rows in Python
}
