// Package fleet is the commands that are about other machines: agent, which waits on one of
// them for work, and hosts, which lists the agents and makes their keys.
//
// NATS is linked into a binary of its own, connbench-hosts (build tag hosts), which stands
// beside connbench: the process of a row is to be free of it. The plain binary knows the
// flags, and becomes the other one to do what they say.
package fleet

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Binary is this program with NATS linked into it.
const Binary = "connbench-hosts"

// Streams are where the commands write.
type Streams struct {
	Out, Err io.Writer
	Columns  int // of the terminal that Out is; 0 if it is none
}

// Beside is the path of a program that stands beside this one. The error says who needs it.
func Beside(name, who string) (string, error) {
	executable, err := os.Executable()
	if err != nil {
		return "", err
	}
	path := filepath.Join(filepath.Dir(executable), name)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%s need %s, which is not there: make build", who, path)
	}
	return path, nil
}

// Become makes this process that of a program, with the same arguments. It returns only if
// that fails.
func Become(path string) error {
	return fmt.Errorf("%s: %w", path, syscall.Exec(path, append([]string{path}, os.Args[1:]...), os.Environ()))
}

// Agent waits on a machine for work.
type Agent struct {
	Join string `required:"" help:"Where the controller's server of NATS is: tls://HOST:PORT, several with commas between them." placeholder:"URL"`
	Key  string `required:"" help:"The key of an agent, a file that only its owner can read. 'connbench hosts' and 'connbench hosts keys' make them." placeholder:"FILE"`
	Name string `help:"What controllers call this machine; by default what its key says, else its host name." placeholder:"NAME"`

	Address     string        `help:"The address that servers bind to; by default the first one beyond loopback." placeholder:"ADDRESS"`
	CPUs        string        `name:"cpus" help:"CPUs of what it starts, like 0,2-3; by default all allowed ones." placeholder:"LIST"`
	AllowExec   bool          `help:"Start commands of controllers too (--exec), which are any commands."`
	AllowUpdate bool          `help:"Where a controller's connbench is another build, take that and run it, for as long as it works for that controller: code of theirs."`
	OrphanAfter time.Duration `help:"End what a controller has started when that has not been heard of for so long." default:"15s" range:"5s to 1h"`
}

// Help is what the command's --help says beyond its flags.
func (a *Agent) Help() string {
	return "Serves one controller at a time, until interrupted: 'connbench run --hosts' and others start servers and clients here. It runs connbench's own rows, and " +
		"other commands only with --allow-exec. The connection is always by TLS, and each side has to have its key; where it breaks it is made anew. " +
		"What was started here ends with the agent, and when the controller is gone."
}

// Hosts are the commands about all agents.
type Hosts struct {
	List List `cmd:"" default:"withargs" help:"List the agents: the default."`
	Keys Keys `cmd:"" help:"Make keys of agents and controllers, and the configuration of a nats-server that knows them."`
}

// Help is what the command's --help says beyond its commands.
func (h *Hosts) Help() string {
	return "connbench hosts alone, or with flags of 'connbench hosts list --help', lists the agents."
}

// List lists the agents. Its flags have the names that they have elsewhere, and shorter ones.
type List struct {
	NATS       string         `name:"nats" help:"A server of NATS of your own, as tls://HOST:PORT, with JetStream; by default one in this process." placeholder:"URL"`
	HostKeys   string         `aliases:"keys,key" help:"The folder of 'connbench hosts keys', or with --nats a controller's key alone; by default, without --nats, keys are made for this session. Also --keys." placeholder:"DIR"`
	HostListen string         `aliases:"listen" help:"Without --nats: host:port of the server; by default what the keys say, or all addresses and port 4222. Also --listen." placeholder:"ADDR"`
	HostWait   *time.Duration `aliases:"wait" range:"0s or more" help:"How long to wait for agents, 0s for a look at who is there; by default 30s without --nats, and 0s with it. Also --wait." placeholder:"D"`
	JSON       bool           `help:"Print the list as JSON."`
}

// Help is what the command's --help says beyond its flags.
func (l *List) Help() string {
	return "Each agent with its address, CPUs, kernel, version, clock (its offset from this machine's, give or take half of the fastest round trip), what " +
		"limits a benchmark there, and for whom it works. Without --nats a server of NATS is embedded, and what to run on the other machines is said first."
}

// Keys makes keys.
type Keys struct {
	Dir     string   `arg:"" help:"The folder, to be made."`
	Address []string `help:"Names or numbers by which agents and controllers reach the server; by default all that this machine has." placeholder:"ADDRESS"`
	Listen  string   `help:"host:port of the server; by default all addresses, port 4222." placeholder:"ADDR"`
	Agent   []string `help:"An agent that gets a key of its own, with which it can neither be another nor hear what another is told; by default one key is for all." placeholder:"NAME"`
}

// Help is what the command's --help says beyond its flags.
func (k *Keys) Help() string {
	return "agent.key (or agent-NAME.key for each --agent) and controller.key hold an nkey and the certificate of the server; server.crt and server.key are " +
		"the server's, and nats-server.conf is its configuration, with TLS, the keys' permissions and JetStream. 'connbench hosts --keys DIR' embeds a server with them. " +
		"Only the owner can read the files, and keep them so: who has controller.key can have the agents start what they may."
}
