package sweep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/process"
	"connbench/results"
)

// neighbours are hosts that are this one under two other names, and count how often they are waited for.
type neighbours struct {
	attendant []string // its command
	client    []string
	gone      error // of who waits for them
	awaited   int
}

func (n *neighbours) Clients(context.Context, *loadgen.Spec) (loadgen.Clients, error) {
	clients, err := loadgen.StartClients(n.client, 2, nil)
	for i := range clients {
		clients[i].Host, clients[i].Clock = string(rune('b'+i)), process.Clock{Uncertainty: 1000, RoundTrip: 2000}
	}
	return clients, err
}

func (n *neighbours) Attendant(context.Context) (process.Peer, error) {
	return process.Start(n.attendant, nil)
}

func (n *neighbours) Await(context.Context) error {
	n.awaited++
	return n.gone
}

// away makes the trials of a stage run on neighbours, whose attendant is the actor named.
func (s *stage) away(t *testing.T, attendant string) *neighbours {
	n := &neighbours{attendant: []string{executable(t), "act-" + attendant, s.actors}, client: s.Client}
	s.Team = &Team{Hosts: n, Server: "a"}
	t.Cleanup(s.Team.Close)
	for name := range s.Rows {
		s.Rows[name] = Row{Name: name, Network: "tcp", Order: &Order{Plan: s.Plan, Model: name}}
	}
	return n
}

// A trial on other hosts is what it is on this one, and says what each host did.
func TestTeam(t *testing.T) {
	t.Parallel()
	s := newStage(t, "good", "telling", "dying")
	s.Plan.Duration = Duration(300 * time.Millisecond) // looks at both its ends may be late
	n := s.away(t, "attendant")
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	trials := s.trials(t)
	for _, name := range []string{"good", "telling"} {
		trial := trials[name]
		if trial.Failure != "" || trial.Requests == 0 || trial.ServerUsage == nil || trial.ServerCPUPerRequest <= 0 || trial.ServerRSSBytes == 0 || trial.CPUsShared {
			t.Errorf("%s: %+v", name, trial)
			continue
		}
		roles := results.Map(trial.Hosts, func(h results.Host) string { return h.Name + " " + h.Role })
		if strings.Join(roles, ", ") != "a server, b clients, c clients" {
			t.Errorf("%s: hosts %v", name, roles)
		}
		if skew := trial.StartSkew(); skew == nil || *skew < 2000 || trial.Hosts[1].Requests+trial.Hosts[2].Requests != trial.Requests {
			t.Errorf("%s: skew %v, hosts %+v", name, skew, trial.Hosts)
		}
	}
	if counted := trials["good"].ServerCounters["accepted"]; counted != 1 {
		t.Errorf("the server's counters: %v", trials["good"].ServerCounters)
	}
	if why := trials["dying"].Failure; !strings.Contains(why, "host a: server dying: it did not live through the trial") || trials["dying"].HostLost {
		t.Errorf("of a server that dies: %q, lost %v", why, trials["dying"].HostLost)
	}
	if n.awaited != 0 {
		t.Errorf("hosts were waited for %d times", n.awaited)
	}
}

// What another host is lost in is stored, with the reason, and made again when the host is back.
func TestTeamLosesAHost(t *testing.T) {
	t.Parallel()
	s := newStage(t, "good")
	n := s.away(t, "attendant-leaving")
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, stored, _, err := results.Open(s.dir)
	if err != nil || len(stored) != 2 || n.awaited != 1 {
		t.Fatalf("%d trials, waited %d times, %v", len(stored), n.awaited, err)
	}
	first, second := stored[0], stored[1]
	if !first.HostLost || !strings.Contains(first.Failure, "host a: lost: ended (exit status 1)") {
		t.Errorf("the first: lost %v, %q", first.HostLost, first.Failure)
	}
	if second.Failure != "" || second.Attempt != 1 || second.Requests == 0 || s.Done() != 1 {
		t.Errorf("the second: %+v; %d done", second, s.Done())
	}
	if all := s.All(); len(all) != 2 || !all[0].HostLost || all[1].HostLost {
		t.Errorf("all that is stored: %+v", all)
	}
}

// A host that does not come back ends the run. It goes on where it was when it is there again.
func TestTeamGivesUp(t *testing.T) {
	t.Parallel()
	s := newStage(t, "good")
	n := s.away(t, "attendant-leaving")
	n.gone = errors.New("host a has not come back")
	if err := s.Run(t.Context()); !errors.Is(err, n.gone) {
		t.Errorf("got %v", err)
	}
	_, stored, _, err := results.Open(s.dir)
	if err != nil || len(stored) != 1 || !stored[0].HostLost {
		t.Fatalf("%+v, %v", stored, err)
	}
	s.Stored, n.gone = stored, nil
	if done := s.Done(); done != 0 {
		t.Errorf("%d trials are done", done)
	}
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if trial := s.trials(t)["good"]; trial.Attempt != 1 || trial.Failure != "" {
		t.Errorf("then %+v", trial)
	}
}

// An attendant answers what it cannot do, with the number of what it was asked, and whether the
// caller can put it right; and ends its server when its input ends.
func TestAttend(t *testing.T) {
	t.Parallel()
	asks, told := io.Pipe()
	heard, says := io.Pipe()
	dir, ended := t.TempDir(), make(chan error, 1)
	go func() { ended <- Attend(t.Context(), asks, says, actorsThere(dir)) }()
	say, hear := json.NewEncoder(told), json.NewDecoder(heard)
	plan, none := DefaultPlan([]string{"good"}), DefaultPlan([]string{"none"})
	spec := loadgen.DefaultSpec()
	var said []string
	for i, a := range []ask{
		{Lineup: &plan},
		{Lineup: &none},
		{Begin: &beginning{Spec: spec}},
		{Begin: &beginning{Spec: spec, Order: &Order{Plan: plan, Model: "other"}}},
		{Stage: loadgen.StageMeasuring},
		{Stop: &stopping{}},
		{Begin: &beginning{Spec: spec, Order: &Order{Plan: plan, Model: "good"}, Timeout: patience}},
		{Stage: "unheard of"},
	} {
		a.ID = i + 1
		var r reply
		if err := errors.Join(say.Encode(a), hear.Decode(&r)); err != nil {
			t.Fatal(err)
		}
		said = append(said, strings.TrimSpace(fmt.Sprintf("%d %v %s %v", r.ID, r.Usage, r.Error, r.Lineup != nil)))
		if r.ID == 7 && r.Address == "" {
			t.Error("a server has no address")
		}
	}
	told.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	want := []string{
		"1 false  true",
		`2 true models: none is not allowed (another) false`,
		"3 false an order of the row is missing false",
		"4 false model other: there is no such row here false",
		"5 false  false",
		"6 false there is no server to stop false",
		"7 false  false",
		"8 false  false",
	}
	if strings.Join(said, "\n") != strings.Join(want, "\n") {
		t.Errorf("said\n%s", strings.Join(said, "\n"))
	}
	s := stage{actors: filepath.Join(dir, "there")}
	s.deserted(t, 1)
}
