package fleet

import (
	"strings"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/results"
)

// Flags are of the commands whose trials can run on other machines.
type Flags struct {
	Hosts      string         `json:"-" help:"Run on other machines, by the names of their agents (see connbench agent): server=A,clients=B+C." placeholder:"server=A,clients=B+C"`
	NATS       string         `json:"-" name:"nats" help:"With --hosts: a server of NATS of your own, as tls://HOST:PORT, with JetStream; by default one in this process." placeholder:"URL"`
	HostKeys   string         `json:"-" help:"With --hosts: the folder of 'connbench hosts keys', or with --nats a controller's key alone; by default, without --nats, keys are made for this session." placeholder:"DIR"`
	HostListen string         `json:"-" help:"With --hosts and without --nats: host:port of the server; by default what the keys say, or all addresses and port 4222." placeholder:"ADDR"`
	HostWait   *time.Duration `json:"-" range:"0s or more" help:"With --hosts: how long to wait for an agent in the beginning, and for one that is lost; by default 1m." placeholder:"D"`
}

// FlagNames are their names: they may be given when a run is gone on with.
var FlagNames = []string{"hosts", "nats", "host-keys", "host-listen", "host-wait"}

// roles are the hosts by what they do.
type roles struct {
	server  string // "" where the server is not ours to start
	clients []string
}

// names lists all of them.
func (r roles) names() []string {
	if r.server == "" {
		return r.clients
	}
	return append([]string{r.server}, r.clients...)
}

// Check reports what cannot be meant, as a [*loadgen.SpecError]. Where served, the command starts
// servers too.
func (f *Flags) Check(served bool) error {
	_, err := f.roles(served)
	return err
}

func (f *Flags) roles(served bool) (r roles, err error) {
	if f.Hosts == "" {
		for i, given := range []bool{false, f.NATS != "", f.HostKeys != "", f.HostListen != "", f.HostWait != nil} {
			if given {
				return r, &loadgen.SpecError{Field: FlagNames[i], Value: "without --hosts", Allowed: "with it, which names the machines"}
			}
		}
		return r, nil
	}
	form := "server=NAME,clients=NAME+NAME, each machine once"
	if !served {
		form = "clients=NAME+NAME, each machine once: the server is there already"
	}
	wrong := &loadgen.SpecError{Field: "hosts", Value: f.Hosts, Allowed: form}
	for part := range strings.SplitSeq(f.Hosts, ",") {
		role, names, _ := strings.Cut(part, "=")
		all := strings.Split(names, "+")
		switch {
		case role == results.ServerRole && served && r.server == "" && len(all) == 1:
			r.server = names
		case role == results.ClientRole && r.clients == nil:
			r.clients = all
		default:
			return r, wrong
		}
	}
	seen := map[string]bool{}
	for _, name := range r.names() {
		if name == "" || seen[name] {
			return r, wrong
		}
		seen[name] = true
	}
	if len(r.clients) == 0 || served && r.server == "" {
		return r, wrong
	}
	return r, f.checkServer()
}

// checkServer reports what cannot be meant of the server of NATS.
func (f *Flags) checkServer() error {
	switch {
	case f.NATS != "" && f.HostKeys == "":
		return &loadgen.SpecError{Field: "host-keys", Value: `""`, Allowed: "with --nats the folder that has controller.key"}
	case f.NATS != "" && f.HostListen != "":
		return &loadgen.SpecError{Field: "host-listen", Value: f.HostListen, Allowed: "none with --nats, which is another's server"}
	}
	return nil
}

// Team is the machines that the flags name, claimed.
type Team struct {
	sweep.Team
	Members []results.Member
	close   func() error
}

// Close gives them back: nothing runs there any more then.
func (t *Team) Close() error {
	t.Team.Close()
	return t.close()
}
