package nets

import (
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// soon are the flags for who is not to be waited for.
var soon = []string{"--host-wait", "1s"}

func TestAgentNeverComes(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "a")
	f.agent(server)
	f.agents[server].await("waits for")
	f.run("run", slices.Concat(small, soon)...).refuses(1, "host a: its agent did not answer within 1s", "connbench agent --join "+f.url(), "--name a")
}

// A second controller is told who has the agents, and the first one does not notice.
func TestSecondController(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "a")
	f.allAgents()
	dir := filepath.Join(t.TempDir(), "run")
	first := f.run("run", append(small, "--out", dir)...)
	f.measuring("a")
	second := f.run("run", slices.Concat(small, soon, []string{"--nats", f.url(), "--out", filepath.Join(t.TempDir(), "second")})...)
	second.refuses(1, "busy for ", "since ")
	first.exits(0)
	whole(t, dir, smallTrials)
	f.idle()
}

// An agent of another build is refused, with what to do, unless it takes the command's own.
func TestOtherBuild(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "a")
	f.agent(server)
	f.agents["a"] = f.start("a", f.otherBuild()...)
	f.run("run", small...).refuses(1, "host a: its connbench", "is another build than this one", "install this one there, or start its agent with --allow-update")
	f.idle()
}

func TestExecIsAllowedThere(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "a")
	f.allAgents()
	command := f.exec()
	f.run("run", append(small, "--exec", command)...).refuses(2, "host server", "exec", "--allow-exec")
	f.idle()
	f.agents[server].kill()
	f.agent(server, "--allow-exec")
	dir := filepath.Join(t.TempDir(), "run")
	f.run("run", append(small, "--exec", command, "--out", dir)...).exits(0)
	const rows = 3
	whole(t, dir, rows*smallTrials/2)
	f.idle()
}

// exec is a command for --exec.
func (f *fleet) exec() string { return "mine=" + connbench(f.t) + " serve pool --addr {addr}" }

// A key that somebody has changed, that is of others, or that others can read, does not get in.
func TestKeysRefused(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "a")
	others := filepath.Join(t.TempDir(), "others")
	f.makeKeys(others, control)
	dir := t.TempDir()
	own, strange := read(t, filepath.Join(f.keys, "agent.key")), read(t, filepath.Join(others, "agent.key"))
	listing := f.start(control, connbench(t), "hosts", "--keys", f.keys, "--wait", "2m")
	listing.await("on each other machine")
	for name, key := range map[string]struct {
		text   string
		mode   os.FileMode
		status int
		words  []string
	}{
		"changed":       {tampered(own), 0o600, 2, []string{"changed.key", "key"}},
		"seed":          {seedOf(own, strange), 0o600, 1, []string{"refuses the key", "seed.key"}},
		"authority":     {seedOf(strange, own), 0o600, 1, []string{"authority", "authority.key"}},
		"readable":      {own, 0o644, 2, []string{"readable.key", "600"}},
		"no-key":        {"nothing", 0o600, 2, []string{"no-key.key"}},
		"of-controller": {read(t, filepath.Join(f.keys, "controller.key")), 0o600, 2, []string{"of-controller.key", "controller"}},
	} {
		path := filepath.Join(dir, name+".key")
		if err := os.WriteFile(path, []byte(key.text), key.mode); err != nil {
			t.Fatal(err)
		}
		f.start("a", connbench(t), "agent", "--join", f.url(), "--key", path, "--name", "a").refuses(key.status, key.words...)
	}
	if err := os.WriteFile(filepath.Join(others, "controller.key"), []byte(seedOf(own, read(t, filepath.Join(others, "controller.key")))), 0o600); err != nil {
		t.Fatal(err)
	}
	second := f.start(control, slices.Concat([]string{connbench(t), "run", "--hosts", f.roles(), "--host-keys", others, "--nats", f.url()}, small, soon)...)
	second.refuses(1, "refuses the key")
}

// seedOf is the certificate of one key with the seed of another one.
func seedOf(certificate, seed string) string {
	own, _ := pem.Decode([]byte(seed))
	_, rest := pem.Decode([]byte(certificate))
	return string(pem.EncodeToMemory(own)) + string(rest)
}

// tampered is a key with another letter in its seed.
func tampered(key string) string {
	block, rest := pem.Decode([]byte(key))
	if letter := &block.Bytes[len(block.Bytes)/2]; *letter == 'A' {
		*letter = 'B'
	} else {
		*letter = 'A'
	}
	return string(pem.EncodeToMemory(block)) + string(rest)
}
