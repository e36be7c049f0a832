package nets

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"connbench/results"
)

// The hosts of most networks.
const (
	control = "control"
	server  = "server"
)

// small are the flags of a plan of four short trials, of an open loop, which leaves CPU time to other tests.
var small = plan("--clients", "6", "--payloads", "64B", "--rates", "500", "--trials", "2", "--duration", "200ms")

const smallTrials = 4

// plan are the flags of a plan with two models that does not mind a busy machine.
func plan(flags ...string) []string {
	// Clipped, since tests that run at once append to it.
	return slices.Clip(append([]string{"--models", "goroutine,reactor", "--warmup", "50ms", "--retries", "0"}, flags...))
}

// fleet is a network with a controller, a host for servers, and hosts for clients, each of which is to
// have an agent.
type fleet struct {
	*network
	clients []string
	keys    string // a folder
	nats    string // the host of a server of NATS of the user's own; empty where it is in the controller
	agents  map[string]*program
}

// newFleet makes the network and the keys, and starts no agent.
func newFleet(t testing.TB, clients ...string) *fleet {
	t.Helper()
	f := &fleet{clients: clients, keys: filepath.Join(t.TempDir(), "keys"), agents: map[string]*program{}}
	f.network = newNetwork(t, append([]string{control, server}, clients...)...)
	f.makeKeys(f.keys, control)
	return f
}

// makeKeys makes the keys of a server of NATS on a host.
func (f *fleet) makeKeys(dir, host string) {
	f.t.Helper()
	f.start(host, connbench(f.t), "hosts", "keys", dir, "--address", f.address(host)).exits(0)
}

// url is where the server of NATS is.
func (f *fleet) url() string { return "tls://" + f.address(cmp.Or(f.nats, control)) + ":4222" }

// agent starts an agent on a host.
func (f *fleet) agent(host string, flags ...string) *program {
	f.t.Helper()
	args := []string{connbench(f.t), "agent", "--join", f.url(), "--key", filepath.Join(f.keys, "agent.key"), "--name", host}
	f.agents[host] = f.start(host, append(args, flags...)...)
	return f.agents[host]
}

// allAgents starts an agent on each host that is to have one.
func (f *fleet) allAgents(flags ...string) {
	f.t.Helper()
	for _, host := range f.members() {
		f.agent(host, flags...)
	}
}

// members are the hosts that have agents.
func (f *fleet) members() []string { return append([]string{server}, f.clients...) }

// run starts connbench on the controller's host, for those hosts.
func (f *fleet) run(command string, flags ...string) *program {
	f.t.Helper()
	args := []string{connbench(f.t), command, "--hosts", f.roles(), "--host-keys", f.keys}
	if f.nats != "" {
		args = append(args, "--nats", f.url())
	}
	return f.start(control, append(args, flags...)...)
}

func (f *fleet) roles() string {
	return "server=" + server + ",clients=" + strings.Join(f.clients, "+")
}

// measuring waits until a host has connections to others than the server of NATS: a trial is under way.
func (f *fleet) measuring(host string) {
	f.t.Helper()
	eventually(f.t, "a trial on "+host, func() bool {
		for _, pid := range f.running(host) {
			table, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/tcp", pid))
			if err == nil && talks(table) {
				return true
			}
		}
		return false
	})
}

// talks reports whether a table of sockets as in /proc/net/tcp has one that is established, other
// than to a server of NATS.
func talks(table []byte) bool {
	const established, nats = "01", ":107E" // port 4222
	for line := range bytes.Lines(table) {
		fields := strings.Fields(string(line))
		if len(fields) > 3 && fields[3] == established && !strings.HasSuffix(fields[1], nats) && !strings.HasSuffix(fields[2], nats) {
			return true
		}
	}
	return false
}

// idle checks that nothing runs on the hosts but their agents.
func (f *fleet) idle() {
	f.t.Helper()
	for _, host := range f.members() {
		if pids := f.running(host); !slices.Equal(pids, []int{f.agents[host].cmd.Process.Pid}) {
			f.t.Errorf("%s: processes %v run, beside agent %d", host, pids, f.agents[host].cmd.Process.Pid)
		}
	}
}

// trial is a line of trials.jsonl.
type trial = results.Trial

// trialsIn reads what has been stored so far.
func trialsIn(t testing.TB, dir string) (trials []trial) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "trials.jsonl"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var next trial
		if !bytes.HasSuffix(line, []byte("\n")) {
			break // is being written
		}
		if err := json.Unmarshal(line, &next); err != nil {
			t.Fatal(err)
		}
		trials = append(trials, next)
	}
	return trials
}

// stored waits until the folder of a run has trials that are like that.
func (f *fleet) stored(run *program, dir, what string, like func([]trial) bool) {
	f.t.Helper()
	eventually(f.t, what, func() bool {
		if run.over() {
			f.t.Fatalf("%s: the run has ended before: %s", what, run.said())
		}
		return like(trialsIn(f.t, dir))
	})
}

// lostOne reports whether a host was lost in a trial.
func lostOne(trials []trial) bool { return len(lost(trials)) > 0 }

func lost(trials []trial) []trial {
	return slices.DeleteFunc(slices.Clone(trials), func(t trial) bool { return !t.HostLost })
}

// whole checks a run's folder: all is counted and measured, and there is a report.
func whole(t testing.TB, dir string, planned int) []trial {
	t.Helper()
	trials := counted(t, dir, planned)
	answered := int64(0)
	for i := range trials {
		if answered += trials[i].Requests; !trials[i].HostLost {
			measured(t, dir, &trials[i])
		}
	}
	if answered == 0 {
		t.Error("no request was answered")
	}
	if report := read(t, filepath.Join(dir, "report.html")); len(report) == 0 {
		t.Error("the report is empty")
	}
	return trials
}

// counted checks that each of the planned trials is there once, and attempts at which a host was lost
// with the reason.
func counted(t testing.TB, dir string, planned int) []trial {
	t.Helper()
	_, trials, warnings, err := results.Open(dir)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("%v %q", err, warnings)
	}
	made := map[int]int{}
	for i := range trials {
		trial := &trials[i]
		if !trial.HostLost {
			made[trial.Trial]++
			continue
		}
		if !strings.Contains(trial.Failure, "host ") || trial.Requests > 0 {
			t.Errorf("trial %d, attempt %d: a host was lost in it, with %d requests and the reason %q", trial.Trial, trial.Attempt, trial.Requests, trial.Failure)
		}
		t.Logf("trial %d, attempt %d: %s", trial.Trial, trial.Attempt, trial.Failure)
	}
	for n := range planned {
		if made[n] != 1 {
			t.Errorf("trial %d is there %d times", n, made[n])
		}
	}
	if len(made) != planned {
		t.Errorf("%d trials are there, and %d were planned", len(made), planned)
	}
	return trials
}

// measured checks that a trial has what one has to the end of which all hosts were there, and that its
// histograms are whole. How many requests are answered in so short a window is the machine's matter.
func measured(t testing.TB, dir string, trial *trial) {
	t.Helper()
	if trial.Failure != "" || trial.Verdicts == nil || trial.Client == nil {
		t.Errorf("trial %d: failure %q, verdicts %q, client %v", trial.Trial, trial.Failure, trial.Verdicts, trial.Client)
	}
	if trial.Requests == 0 {
		return // then there is no histogram, and no cost of a request
	}
	if trial.ServerUsage == nil {
		t.Errorf("trial %d: nothing is known of the server", trial.Trial)
	}
	f, err := os.Open(filepath.Join(dir, trial.Histograms))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	distributions, err := results.ReadLog(f)
	if err != nil {
		t.Fatalf("trial %d: %v", trial.Trial, err)
	}
	if h := distributions["service"]; h == nil || h.TotalCount() != trial.Requests {
		t.Errorf("trial %d: %d requests, and other ones in its histograms: %v", trial.Trial, trial.Requests, h)
	}
}
