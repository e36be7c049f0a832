package nets

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"connbench/results"

	"github.com/google/go-cmp/cmp"
)

// A plan over hosts gives the records that it gives on one, but for what is about hosts.
func TestSameRecords(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "a", "b", "c")
	f.allAgents()
	over, one := filepath.Join(t.TempDir(), "over"), filepath.Join(t.TempDir(), "one")
	flags := plan("--clients", "6", "--payloads", "64B", "--rates", "600", "--trials", "2", "--duration", "200ms")
	run := f.run("run", append(flags, "--out", over)...)
	run.exits(0)
	f.start(server, slices.Concat([]string{connbench(t), "run"}, flags, []string{"--out", one})...).exits(0)

	const planned = 4
	there, here := whole(t, over, planned), whole(t, one, planned)
	for i := range there {
		if diff := cmp.Diff(planOf(&here[i]), planOf(&there[i])); diff != "" {
			t.Errorf("trial %d (- on one host, + over hosts): %s", i, diff)
		}
		checkHosts(t, f, &there[i])
	}
	if diff := cmp.Diff(fieldsOf(t, here), fieldsOf(t, there)); diff != "" {
		t.Errorf("fields of the records (- on one host, + over hosts): %s", diff)
	}
	checkRun(t, f, over, one)
	f.idle()
	for _, words := range []string{"4 hosts: server " + server, "clients a (" + f.address("a") + "), b (", "MTU 1500, 10 Gbit/s, round trip ", "hosts: clients began within "} {
		if said := strings.Join(strings.Fields(run.output()), " "); !strings.Contains(said, words) {
			t.Errorf("the report lacks %q: %s", words, said)
		}
	}
}

// The list of hosts has each agent with its clock, and what limits it, and not what is for a machine
// that has server and clients.
func TestList(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "a", "b")
	f.allAgents()
	list := f.start(control, connbench(t), "hosts", "--keys", f.keys, "--wait", "2m", "--json")
	for _, host := range f.members() {
		list.await("connbench: " + host + " is there")
	}
	list.signal(syscall.SIGINT)
	list.exits(0)
	var found []struct {
		Name      string
		Address   string
		Busy      json.RawMessage
		Readiness []string
		Clock     *struct {
			Uncertainty int64 `json:"uncertainty_ns"`
		}
	}
	if err := json.Unmarshal([]byte(list.output()), &found); err != nil {
		t.Fatalf("%v: %s", err, list.output())
	}
	if len(found) != len(f.members()) {
		t.Fatalf("%d hosts: %s", len(found), list.output())
	}
	for _, h := range found {
		if h.Address != f.address(h.Name) || h.Busy != nil || h.Clock == nil || h.Clock.Uncertainty <= 0 {
			t.Errorf("%+v", h)
		}
		if all := strings.Join(h.Readiness, "; "); strings.Contains(all, "server and client") {
			t.Errorf("%s: %s", h.Name, all)
		}
	}
}

// planOf is what a plan says of a trial.
func planOf(t *trial) string {
	return fmt.Sprint(t.Trial, t.Block, t.Attempt, t.Model, t.Network, t.Framing, t.Work, t.Knobs, t.Loop, t.Clients, t.PayloadBytes, t.Pipeline,
		t.RateRPS, t.Arrivals, t.ClientsActive, t.Seed, t.DurationNS)
}

// fieldsOf are the fields that records have, without what is of one host's or several hosts' alone, and
// without what is there only if something happened.
func fieldsOf(t *testing.T, trials []trial) []string {
	all := map[string]bool{}
	for i := range trials {
		text, err := json.Marshal(&trials[i])
		var record map[string]any
		if err == nil {
			err = json.Unmarshal(text, &record)
		}
		if err != nil {
			t.Fatal(err)
		}
		for field := range record {
			all[field] = true
		}
	}
	// What the kernel counts is of the whole of a host that has clients or a server, and not both; CPUs
	// without either are of a machine that has both. Of requests one of a client in 64 is split.
	for _, field := range []string{"hosts", "split_ns", "kernel", "server_rest_cpus", "cpus_shared", "noise", "steal_fraction", "control_group"} {
		delete(all, field)
	}
	return slices.Sorted(maps.Keys(all))
}

// checkHosts checks what a trial says of its hosts.
func checkHosts(t *testing.T, f *fleet, trial *trial) {
	t.Helper()
	var answered int64
	names := map[string]string{}
	for _, h := range trial.Hosts {
		answered += h.Requests
		names[h.Name] = h.Role
		if h.Role == results.ClientRole && (h.StartLateNS == nil || h.ClockUncertaintyNS == nil || (trial.Loop == results.OpenLoop) != (h.PacingP99 != nil) || h.Threads == 0) {
			t.Errorf("trial %d: host %s lacks what clients have: %+v", trial.Trial, h.Name, h)
		}
	}
	want := map[string]string{server: results.ServerRole}
	for _, client := range f.clients {
		want[client] = results.ClientRole
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("trial %d: %s", trial.Trial, diff)
	}
	if answered != trial.Requests {
		t.Errorf("trial %d: %d requests, of the hosts' clients %d", trial.Trial, trial.Requests, answered)
	}
	skew := trial.StartSkew()
	if skew == nil {
		t.Fatalf("trial %d: no start skew", trial.Trial)
	}
	t.Logf("trial %d: start skew at most %v", trial.Trial, *skew)
}

// checkRun compares what is kept of the runs themselves.
func checkRun(t *testing.T, f *fleet, over, one string) {
	t.Helper()
	there, _, _, err := results.Open(over)
	if err != nil {
		t.Fatal(err)
	}
	here, _, _, err := results.Open(one)
	if err != nil {
		t.Fatal(err)
	}
	var plans [2]map[string]any
	for i, plan := range []json.RawMessage{here.Plan, there.Plan} {
		if err := json.Unmarshal(plan, &plans[i]); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(plans[0], plans[1]); diff != "" {
		t.Errorf("the plan (- on one host, + over hosts): %s", diff)
	}
	if len(there.Environment.Hosts) != len(f.members()) {
		t.Fatalf("the environment has hosts %+v", there.Environment.Hosts)
	}
	for i, m := range there.Environment.Hosts {
		if m.Name != f.members()[i] || m.Address != f.address(m.Name) || m.Interface != "eth0" || m.MTU != 1500 || m.RoundTripNS <= 0 {
			t.Errorf("host %+v", m)
		}
		if m.Environment.Kernel != here.Environment.Kernel || m.Environment.Cores == 0 || m.Environment.OpenFiles == 0 {
			t.Errorf("host %s: its environment is %+v", m.Name, m.Environment)
		}
	}
	if len(here.Environment.Hosts) > 0 {
		t.Errorf("on one host there are hosts: %+v", here.Environment.Hosts)
	}
}

// A server's time is profiled on its host, and what says why has it all.
func TestProfiles(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "a", "b")
	f.allAgents()
	dir := filepath.Join(t.TempDir(), "run")
	f.run("run", plan("--clients", "6", "--payloads", "64B", "--work", "cpu:1ms", "--rates", "200", "--trials", "2", "--duration", "200ms", "--profile", "500ms", "--out", dir)...).exits(0)
	whole(t, dir, smallTrials)
	profiles, warnings, err := results.Profiles(dir)
	if err != nil || len(warnings) > 0 || len(profiles) != 12 {
		t.Fatalf("%d profiles, %q, %v", len(profiles), warnings, err)
	}
	for i := range profiles {
		checkHosts(t, f, &profiles[i])
		if p := profiles[i].CPUProfile; p == nil || p.Source == "" || len(read(t, filepath.Join(dir, p.File))) == 0 {
			t.Errorf("profile %d: %+v, failure %q", i, p, profiles[i].Failure)
		}
	}
	why := f.start(control, connbench(t), "why", dir)
	why.exits(0)
	for _, row := range []string{"goroutine", "reactor"} {
		if !strings.Contains(why.output(), row) {
			t.Errorf("nothing is said of %s: %s", row, why.output())
		}
	}
	f.idle()
}

// A load on a server that nobody here has started is made by the clients of all hosts.
func TestLoad(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "a", "b")
	f.agent("a")
	f.agent("b")
	served := f.start(server, connbench(t), "serve", "goroutine", "--addr", f.address(server)+":0")
	var hello struct{ Addr string }
	eventually(t, "the server's address", func() bool { return json.Unmarshal([]byte(served.output()), &hello) == nil })
	load := f.start(control, connbench(t), "load", hello.Addr, "--hosts", "clients=a+b", "--host-keys", f.keys, "--clients", "4", "--duration", "200ms", "--json")
	load.exits(0)
	var made trial
	if err := json.Unmarshal([]byte(load.output()), &made); err != nil {
		t.Fatalf("%v: %s", err, load.output())
	}
	if made.Requests == 0 || len(made.Hosts) != 2 || made.Hosts[0].Requests+made.Hosts[1].Requests != made.Requests {
		t.Errorf("%s", load.output())
	}
	for _, host := range f.clients {
		if pids := f.running(host); len(pids) != 1 {
			t.Errorf("%s: %v run", host, pids)
		}
	}
}

// A command with another plan and answer than run's is over hosts too.
func TestChoose(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "a", "b")
	f.allAgents()
	dir := filepath.Join(t.TempDir(), "run")
	choose := f.run("choose", "--models", "goroutine,reactor", "--clients", "8", "--rate", "500", "--trials", "6", "--duration", "100ms", "--no-change", "--out", dir)
	choose.exits(0)
	folders, err := filepath.Glob(filepath.Join(dir, "*", "run.json"))
	if err != nil || len(folders) != 1 {
		t.Fatalf("folders %q, %v", folders, err)
	}
	_, trials, _, err := results.Open(filepath.Dir(folders[0]))
	if err != nil || results.Finished(trials) != 12 {
		t.Fatalf("%d trials, %v", results.Finished(trials), err)
	}
	for _, trial := range results.Final(trials) {
		measured(t, filepath.Dir(folders[0]), &trial)
		checkHosts(t, f, &trial)
	}
	if said := strings.Join(strings.Fields(choose.output()), " "); !strings.Contains(said, "3 hosts: server "+server) {
		t.Errorf("it does not say where: %s", said)
	}
	f.idle()
}
