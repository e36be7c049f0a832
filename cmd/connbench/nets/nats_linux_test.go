package nets

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// natsHost is the host of a server of NATS of the user's own.
const natsHost = "nats"

// natsServer starts one on its host, with the configuration of the keys.
func (f *fleet) natsServer() *program {
	f.t.Helper()
	if _, err := exec.LookPath("nats-server"); err != nil {
		if os.Getenv("CI") != "" {
			f.t.Fatal("CI is set and there is no nats-server")
		}
		f.t.Skip("no nats-server (Debian's package of that name)")
	}
	p := f.start(natsHost, "nats-server", "-c", filepath.Join(f.keys, "nats-server.conf"))
	p.await("Server is ready")
	return p
}

// A server of NATS of one's own, on a host of its own, may be started anew in the middle of a run.
func TestOwnServerRestarts(t *testing.T) {
	t.Parallel()
	f := &fleet{clients: []string{"a", "b"}, keys: filepath.Join(t.TempDir(), "keys"), nats: natsHost, agents: map[string]*program{}}
	f.network = newNetwork(t, natsHost, control, server, "a", "b")
	f.makeKeys(f.keys, natsHost)
	own := f.natsServer()
	dir := filepath.Join(t.TempDir(), "run")
	f.allAgents()
	run := f.run("run", slices.Concat(small, []string{"--out", dir})...)
	f.stored(run, dir, "the first trial", func(all []trial) bool { return len(all) > 0 })
	f.measuring("a")
	own.kill()
	f.natsServer()
	run.exits(0)
	whole(t, dir, smallTrials)
	f.idle()
}

// What is large comes whole through a slow link: a program of tens of megabytes to an agent of another
// build, and results with a course and sizes.
func TestSlowLink(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "a")
	f.slow("a")
	f.slow(control)
	f.agent(server)
	f.agents["a"] = f.start("a", f.otherBuild("--allow-update")...)
	dir := filepath.Join(t.TempDir(), "run")
	f.run("run", plan("--clients", "500", "--payloads", "64B*9+16KiB*1", "--rates", "500..1500/300ms", "--trials", "1", "--duration", "300ms", "--out", dir)...).exits(0)
	whole(t, dir, 2)
	f.idle()
}

// A host without room for what it is to have says so in a line. Its agent has a folder for temporary
// files of its own, of 64 KiB.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "a")
	f.agent(server)
	f.agents["a"] = f.start("a", append([]string{"sh", "-c", `mount -t tmpfs -o size=64k none "$0" && TMPDIR="$0" exec "$@"`, t.TempDir()}, f.otherBuild("--allow-update")...)...)
	f.run("run", small...).refuses(1, "host a: connbench could not be shipped", "no space left on device")
	f.idle()
}

// otherBuild is the command of an agent called a whose programs are another build.
func (f *fleet) otherBuild(flags ...string) []string {
	f.t.Helper()
	dir := f.t.TempDir()
	path := connbench(f.t)
	for name, more := range map[string]string{"connbench": "another build", "connbench-hosts": ""} {
		text := read(f.t, filepath.Join(filepath.Dir(path), name)) + more
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			f.t.Fatal(err)
		}
	}
	return append([]string{filepath.Join(dir, "connbench"), "agent", "--join", f.url(), "--key", filepath.Join(f.keys, "agent.key"), "--name", "a"}, flags...)
}
