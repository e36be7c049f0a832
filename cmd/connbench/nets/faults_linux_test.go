package nets

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// faulty runs the small plan over hosts, has trouble made when a trial is under way there, and
// checks that the run ends whole, and what was lost.
func faulty(t *testing.T, f *fleet, trouble func(run *program, dir string)) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	f.allAgents()
	run := f.run("run", append(small, "--out", dir)...)
	f.stored(run, dir, "the first trial", func(all []trial) bool { return len(all) > 0 })
	f.measuring(f.clients[0])
	trouble(run, dir)
	run.exits(0)
	trials := whole(t, dir, smallTrials)
	if !lostOne(trials) {
		t.Error("no trial says that a host was lost in it")
	}
	if said := strings.Join(strings.Fields(run.output()), " "); !strings.Contains(said, "failed because a host was lost") {
		t.Errorf("the report does not say it: %s", said)
	}
	f.idle()
}

func TestLinkCut(t *testing.T) {
	for _, host := range []string{"a", server, control} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, "a", "b")
			faulty(t, f, func(run *program, dir string) {
				f.cut(host)
				f.stored(run, dir, "a trial in which a host was lost", lostOne)
				f.mend(host)
			})
		})
	}
}

// A link that is cut for less than it takes to give a host up is a network's matter, and in the figures.
func TestLinkFlickers(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "a", "b")
	dir := filepath.Join(t.TempDir(), "run")
	f.allAgents()
	run := f.run("run", append(plan("--clients", "6", "--payloads", "64B", "--rates", "500", "--trials", "2", "--duration", "1s"), "--out", dir)...)
	f.measuring("a")
	for range 3 {
		f.cut("a")
		f.mend("a")
	}
	run.exits(0)
	if trials := counted(t, dir, smallTrials); lostOne(trials) {
		t.Error("a host was given up")
	}
	f.idle()
}

func TestAgentKilled(t *testing.T) {
	for _, host := range []string{"a", server} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, "a", "b")
			faulty(t, f, func(*program, string) {
				f.agents[host].kill()
				f.agent(host)
			})
		})
	}
}

func TestAgentStopped(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "a", "b")
	faulty(t, f, func(run *program, dir string) {
		f.agents["a"].signal(syscall.SIGSTOP)
		f.stored(run, dir, "a trial in which a host was lost", lostOne)
		f.agents["a"].signal(syscall.SIGCONT)
	})
}

// What agents have started for a controller that is gone ends, and the run is gone on with.
func TestControllerKilled(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "a", "b")
	dir := filepath.Join(t.TempDir(), "run")
	f.allAgents("--orphan-after", "5s")
	run := f.run("run", append(small, "--out", dir)...)
	f.stored(run, dir, "the first trial", func(all []trial) bool { return len(all) > 0 })
	f.measuring("a")
	run.kill()
	for _, host := range f.members() {
		f.agents[host].await("is free: its controller was not heard of for 5s")
	}
	f.idle()

	before := finished(t, dir)
	f.start(control, connbench(t), "run", "--resume", dir).refuses(2, "was begun over hosts: add --hosts "+f.roles())
	f.run("run", "--resume", dir).exits(0)
	whole(t, dir, smallTrials)
	if after := finished(t, dir); !bytes.HasPrefix(after, before) {
		t.Error("trials that were finished have changed")
	}
	f.idle()
}

// finished is what trials.jsonl has, to the last whole line.
func finished(t *testing.T, dir string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "trials.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return text[:bytes.LastIndexByte(text, '\n')+1]
}

// A host that does not come back ends the run with what is known; going on takes no more than the host.
func TestHostStaysAway(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "a", "b")
	dir := filepath.Join(t.TempDir(), "run")
	f.allAgents()
	run := f.run("run", append(small, "--out", dir, "--host-wait", "3s")...)
	f.stored(run, dir, "the first trial", func(all []trial) bool { return len(all) > 0 })
	f.agents["b"].kill()
	run.exits(1)
	if !strings.Contains(run.said(), "host b") || !strings.Contains(run.said(), "within 3s") {
		t.Errorf("it does not say which host is away: %s", run.said())
	}
	f.agent("b")
	f.run("run", "--resume", dir).exits(0)
	whole(t, dir, smallTrials)
}
