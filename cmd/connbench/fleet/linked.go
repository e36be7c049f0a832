//go:build hosts

package fleet

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/doctor"
	"connbench/loadgen/hosts"
	"connbench/loadgen/process"
	"connbench/loadgen/system"
)

// Program is the connbench without NATS, which stands beside this one: that is what agents
// start.
func Program() (string, error) { return Beside("connbench", "agents and their controllers") }

// Run runs an agent.
func (a *Agent) Run(ctx context.Context, s Streams) error {
	agent, err := a.agent(ctx, s)
	if err != nil {
		return err
	}
	return agent.Run(ctx)
}

func (a *Agent) agent(ctx context.Context, s Streams) (*hosts.Agent, error) {
	if err := hosts.CheckURL(a.Join); err != nil {
		return nil, &loadgen.SpecError{Field: "join", Value: a.Join, Allowed: err.Error()}
	}
	key, err := hosts.ReadKey(a.Key)
	if err != nil {
		return nil, &loadgen.SpecError{Field: "key", Value: a.Key, Allowed: err.Error()}
	}
	name := cmp.Or(a.Name, key.Name, hostName())
	if err := hosts.CheckName(name); err != nil {
		return nil, &loadgen.SpecError{Field: "name", Value: name, Allowed: err.Error()}
	}
	address := cmp.Or(a.Address, hosts.DefaultAddress())
	if err := hosts.CheckAddress(address); err != nil {
		return nil, &loadgen.SpecError{Field: "address", Value: address, Allowed: err.Error()}
	}
	allowed, cpus, err := a.cpus()
	if err != nil {
		return nil, err
	}
	program, err := Program()
	if err != nil {
		return nil, err
	}
	agent := &hosts.Agent{
		Join: a.Join, Key: key, Program: program, OrphanAfter: a.OrphanAfter, Kinds: a.kinds(address, cpus),
		Info: hosts.Info{Name: name, Address: address, CPUs: allowed, AllowExec: a.AllowExec, AllowUpdate: a.AllowUpdate},
		Say:  func(line string) { fmt.Fprintf(s.Err, "connbench: %s\n", line) },
	}
	if err := agent.Check(); err != nil {
		return nil, &loadgen.SpecError{Field: "key", Value: a.Key, Allowed: err.Error()}
	}
	return agent, a.examine(ctx, agent)
}

// cpus are those that what it starts may use, and those to bind it to: none for all.
func (a *Agent) cpus() (allowed, bound []int, err error) {
	if allowed, err = process.AllowedCPUs(); err != nil || a.CPUs == "" {
		return allowed, nil, err
	}
	p, err := system.Place(allowed, nil, a.CPUs, "")
	if spec, is := errors.AsType[*loadgen.SpecError](err); is {
		spec.Field = "cpus"
	}
	return p.Server, p.Server, err
}

// examination is how long the doctor looks at the CPUs when an agent starts: the shortest
// that it takes.
const examination = "100ms"

// kinds are the processes that an agent starts.
func (a *Agent) kinds(address string, cpus []int) map[string]hosts.Kind {
	kind := func(args ...string) hosts.Kind {
		return func(program string) ([]string, []int) { return append([]string{program}, args...), cpus }
	}
	attend := []string{"attend", "--address", address}
	if a.AllowExec {
		attend = append(attend, "--allow-exec")
	}
	return map[string]hosts.Kind{
		"client": kind("client"),
		"attend": kind(attend...),
		"doctor": kind("doctor", "--json", "--duration", examination),
	}
}

// examine fills in what an agent says of its machine and its program, as that sees them.
func (a *Agent) examine(ctx context.Context, agent *hosts.Agent) error {
	command, cpus := agent.Kinds["doctor"](agent.Program)
	var out []byte
	err := process.OnCPUs(cpus, func() (err error) {
		out, err = exec.CommandContext(ctx, command[0], command[1:]...).Output()
		return err
	})
	var report doctor.Report
	if err == nil {
		err = json.Unmarshal(out, &report)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", strings.Join(command, " "), err)
	}
	for _, c := range report.Apart() {
		if c.Verdict == doctor.Bad || c.Verdict == doctor.Warning {
			agent.Info.Readiness = append(agent.Info.Readiness, fmt.Sprintf("%s: %s %s: %s", c.Verdict, c.Subject, c.Value, c.Advice))
		}
	}
	agent.Info.Environment = report.Environment
	agent.Info.Environment.ServerCPUs, agent.Info.Environment.ClientCPUs = "", "" // of one machine alone
	fingerprint, err := hosts.Fingerprint(agent.Program)
	agent.Info.Version = hosts.Version{
		Protocol: hosts.Protocol, Commit: report.Environment.Commit, Program: fingerprint, OS: runtime.GOOS, Arch: runtime.GOARCH,
	}
	return err
}

// hostName is the machine's, as far as it can be an agent's.
func hostName() string {
	name, _ := os.Hostname()
	name, _, _ = strings.Cut(name, ".")
	return strings.Map(func(r rune) rune {
		if hosts.CheckName("x"+string(r)) != nil {
			return '-'
		}
		return r
	}, name)
}

// Run makes keys.
func (k *Keys) Run(_ context.Context, s Streams) error {
	keys := hosts.Keys{Dir: k.Dir, Addresses: k.Address, Listen: k.Listen, Agents: k.Agent}
	if err := keys.Check(); err != nil {
		return &loadgen.SpecError{Field: "hosts keys", Value: k.Dir, Allowed: err.Error()}
	}
	files, err := hosts.MakeKeys(keys)
	for _, file := range files {
		fmt.Fprintln(s.Out, file)
	}
	return err
}

// unasked is a context for what is still to be said when ctx has ended.
func unasked(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
}
