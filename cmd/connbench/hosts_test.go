package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// NATS is in no process but those that need it.
func TestPlainBinaryIsFreeOfNATS(t *testing.T) {
	for _, tags := range []string{"", "engines", "hosts"} {
		out, err := exec.Command("go", "list", "-deps", "-tags", tags, ".").Output()
		if err != nil {
			t.Fatal(err)
		}
		if has, should := strings.Contains(string(out), "github.com/nats-io/"), tags == "hosts"; has != should {
			t.Errorf("with tags %q it has NATS: %v", tags, has)
		}
	}
}

// written is what a process writes, for whoever waits for a part of it.
type written struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

// await waits until a process has written something.
func (w *written) await(t *testing.T, what string) {
	t.Helper()
	for late := time.Now().Add(time.Minute); !strings.Contains(w.String(), what); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("no %q in %s", what, w)
		}
	}
}

// launch starts a command that is interrupted in the end, and must then do well.
func launch(t *testing.T, connbench string, args ...string) (out, errOut *written, interrupt func()) {
	t.Helper()
	cmd := exec.Command(connbench, args...)
	out, errOut = &written{}, &written{}
	cmd.Stdout, cmd.Stderr = out, errOut
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	once := sync.OnceFunc(func() {
		cmd.Process.Signal(syscall.SIGINT)
		late := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
		defer late.Stop()
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v\n%s", args[0], err, errOut)
		}
	})
	t.Cleanup(once)
	return out, errOut, once
}

func TestHosts(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("agents are for Linux")
	}
	connbench, err := besideHosts()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("session", func(t *testing.T) { testHostsSession(t, connbench) })
	t.Run("keys", func(t *testing.T) { testHostsKeys(t, connbench) })
	t.Run("refused", func(t *testing.T) { testHostsRefused(t, connbench) })
}

// Without keys and a server, hosts says what to run elsewhere, and lists who has come.
func testHostsSession(t *testing.T, connbench string) {
	out, said, interrupt := launch(t, connbench, "hosts", "--host-listen", "127.0.0.1:0", "--host-wait", "10m", "--json")
	said.await(t, " --name NAME\n")
	_, copied, _ := strings.Cut(said.String(), "    scp ")
	key, copied, _ := strings.Cut(copied, " OTHER-MACHINE:\n    connbench agent --join ")
	url, _, _ := strings.Cut(copied, " --key agent.key ")
	_, agent, leave := launch(t, connbench, "agent", "--join", url, "--key", key, "--name", "left", "--address", "127.0.0.1", "--cpus", "0", "--allow-exec")
	agent.await(t, "agent left at 127.0.0.1 waits for work of "+url)
	said.await(t, "connbench: left is there\n")
	interrupt()
	var listed []struct {
		Name    string         `json:"name"`
		Address string         `json:"address"`
		CPUs    []int          `json:"cpus"`
		Exec    bool           `json:"allow_exec"`
		Clock   map[string]int `json:"clock"`
		Version struct {
			Program string `json:"program"`
		} `json:"version"`
		Environment struct {
			Kernel string `json:"kernel"`
			Binary string `json:"binary"`
		} `json:"environment"`
	}
	if err := json.Unmarshal([]byte(out.String()), &listed); err != nil || len(listed) != 1 {
		t.Fatalf("%v: %s", err, out)
	}
	a := listed[0]
	if a.Name != "left" || a.Address != "127.0.0.1" || len(a.CPUs) != 1 || !a.Exec || a.Clock["round_trip_ns"] <= 0 || a.Environment.Kernel == "" ||
		a.Environment.Binary == "" || !strings.HasPrefix(a.Version.Program, a.Environment.Binary) {
		t.Errorf("%+v", a)
	}
	if _, err := os.Stat(filepath.Dir(key)); err == nil {
		t.Errorf("the session's keys are left: %s", filepath.Dir(key))
	}
	leave()
}

// A folder of keys is for a server of one's own, or for the embedded one.
func testHostsKeys(t *testing.T, connbench string) {
	dir := filepath.Join(t.TempDir(), "keys")
	out, err := exec.Command(connbench, "hosts", "keys", dir, "--address", "127.0.0.1", "--agent", "left,right").CombinedOutput()
	if want := filepath.Join(dir, "agent-left.key") + "\n"; err != nil || !strings.Contains(string(out), want) {
		t.Fatalf("%v: %s", err, out)
	}
	_, said, interrupt := launch(t, connbench, "hosts", "--listen", "127.0.0.1:0", "--keys", dir, "--wait", "10m")
	said.await(t, "connbench agent --join ")
	_, url, _ := strings.Cut(said.String(), "connbench agent --join ")
	url, _, _ = strings.Cut(url, " ")
	launch(t, connbench, "agent", "--join", url, "--key", filepath.Join(dir, "agent-left.key"), "--address", "127.0.0.1")
	said.await(t, "connbench: left is there\n")
	limited, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	table, err := exec.CommandContext(limited, connbench, "hosts", "--nats", url, "--key", filepath.Join(dir, "controller.key")).CombinedOutput()
	if err != nil || !strings.Contains(string(table), " left  127.0.0.1 ") || !strings.Contains(string(table), "±") {
		t.Errorf("%v: %s", err, table)
	}
	interrupt()
	look, err := exec.CommandContext(limited, connbench, "hosts", "--listen", "127.0.0.1:0", "--keys", dir, "--wait", "0s").CombinedOutput()
	if err != nil || !strings.Contains(string(look), "connbench: on each other machine:\n") || !strings.HasSuffix(string(look), "\nno agent answers\n") {
		t.Errorf("without waiting: %v: %s", err, look)
	}
}

func testHostsRefused(t *testing.T, connbench string) {
	dir := t.TempDir()
	open := filepath.Join(dir, "open.key")
	if err := os.WriteFile(open, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		args string
		want string
	}{
		{"agent --join http://x --key " + open, "join: http://x is not allowed (tls://HOST:PORT of a server of NATS"},
		{"agent --join tls://x --key " + open, "key: " + open + " is not allowed (" + open + " is open to others (mode 0644): chmod 600"},
		{"agent --join tls://x --key " + dir + "/none", "no such file or directory"},
		{"hosts --nats tls://x", "host-keys: \"\" is not allowed (with --nats the folder that has controller.key)"},
		{"hosts --keys " + dir + "/none", "none/nats-server.conf is not there: connbench hosts keys " + dir + "/none makes it"},
		{"hosts --nats tls://x --key x --listen :1", "host-listen: :1 is not allowed (none with --nats"},
		{"hosts --wait -3s", "host-wait: -3s is not allowed (0s or more)"},
		{"run --hosts server=a,clients=b --host-wait -3s", "host-wait: -3s is not allowed (0s or more)"},
		{"hosts --nats tls://x --key " + open, "is open to others"},
		{"hosts keys " + dir + "/k --agent a.b", "\"a.b\" is no name of a host"},
		{"hosts keys " + dir + "/k --address 10.0.0.1:1", "\"10.0.0.1:1\" is no address"},
	} {
		var errOut bytes.Buffer
		cmd := exec.Command(connbench, strings.Fields(row.args)...)
		cmd.Stderr = &errOut
		err := cmd.Run()
		if said := errOut.String(); err == nil || strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "connbench: ") || !strings.Contains(said, row.want) {
			t.Errorf("%s: %v: %s", row.args, err, said)
		}
	}
}
