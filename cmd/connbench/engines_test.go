package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"connbench/cmd/connbench/fleet"

	"github.com/google/go-cmp/cmp"
)

// withEngines is a connbench with the binary of the engines beside it.
func withEngines(t *testing.T) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the engines' adapters are for Linux")
	}
	path, err := besideEngines()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// besideEngines and besideHosts are the scripts' connbench with another binary beside it, as make
// builds it; each is built once and removed in the end.
var (
	besideEngines = sync.OnceValues(func() (string, error) { return beside(enginesBinary, "engines") })
	besideHosts   = sync.OnceValues(func() (string, error) { return beside(fleet.Binary, "hosts") })
)

// beside puts both into a folder of their own beside the scripts' connbench, which is to be without.
func beside(binary, tag string) (string, error) {
	scripts, err := connbench()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(filepath.Dir(scripts), tag)
	path := filepath.Join(dir, "connbench")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.Link(scripts, path)); err != nil {
		return "", err
	}
	if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, binary), "-tags", tag, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
}

// engineNames are those that there are to be. The tests do not import the engines, so
// that the connbench of the scripts is free of them too.
var engineNames = []string{"gnet", "netpoll", "nbio", "gaio", "nethttp", "fasthttp", "redcon"}

// engineFramings are the protocols of those that speak one, and are served in it.
var engineFramings = map[string]string{"nethttp": "http", "fasthttp": "http", "redcon": "resp"}

func TestEngines(t *testing.T) {
	connbench := withEngines(t)
	t.Run("listed", func(t *testing.T) { testEnginesListed(t, connbench) })
	for _, name := range engineNames {
		t.Run("served/"+name, func(t *testing.T) { testEngineServed(t, connbench, name) })
	}
	t.Run("compared", func(t *testing.T) { testEnginesCompared(t, connbench) })
}

func testEnginesListed(t *testing.T, connbench string) {
	out, err := exec.Command(connbench, "models", "--json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []modelTraits
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, m := range all {
		if m.Engine == "" {
			continue
		}
		listed = append(listed, m.Name)
		if len(m.Knobs) == 0 || m.Source == nil || m.Source.Own.Lines == 0 {
			t.Errorf("%s leaves something unsaid: %+v", m.Name, m)
		}
	}
	if diff := cmp.Diff(engineNames, listed); diff != "" {
		t.Errorf("engines (-want +got):\n%s", diff)
	}
}

// An engine is served by the binary that has it, which is the process that was started.
func testEngineServed(t *testing.T, connbench, name string) {
	server := exec.Command(connbench, "serve", name)
	stdout, err := server.StdoutPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer server.Process.Kill()
	lines := bufio.NewScanner(stdout)
	lines.Scan()
	var first greeting
	if err := json.Unmarshal(lines.Bytes(), &first); err != nil || first.Model != name || first.PID != server.Process.Pid {
		t.Fatalf("the first line of process %d is %s (%v)", server.Process.Pid, lines.Text(), err)
	}
	framing := engineFramings[name]
	if framing == "" {
		framing = "length"
	}
	load := exec.Command(connbench, "load", first.Addr, "--clients", "4", "--duration", "50ms", "--warmup", "0", "--framing", framing)
	if out, err := load.CombinedOutput(); err != nil || !strings.Contains(string(out), "errors       none") {
		t.Errorf("load: %v\n%s", err, out)
	}
	server.Process.Signal(syscall.SIGTERM)
	lines.Scan()
	if !strings.Contains(lines.Text(), `"accepted":4,`) {
		t.Errorf("the last line is %s", lines.Text())
	}
	if err := server.Wait(); err != nil {
		t.Error(err)
	}
}

func testEnginesCompared(t *testing.T, connbench string) {
	run := filepath.Join(t.TempDir(), "run")
	out, err := exec.Command(connbench, "run", "--models", "reactor,gaio", "--clients", "2", "--payloads", "64B",
		"--duration", "30ms", "--warmup", "5ms", "--trials", "1", "--out", run).CombinedOutput()
	if err != nil || !strings.Contains(string(out), " gaio ") {
		t.Errorf("%v\n%s", err, out)
	}
	refusal, err := exec.Command(connbench, "run", "--models", "gnet", "--network", "udp").CombinedOutput()
	if err == nil || !strings.Contains(string(refusal), "gnet serves tcp, unix") {
		t.Errorf("%v\n%s", err, refusal)
	}
	refusal, err = exec.Command(connbench, "run", "--models", "redcon", "--framing", "http").CombinedOutput()
	if err == nil || !strings.Contains(string(refusal), "framing: http is not allowed (redcon speaks resp)") {
		t.Errorf("%v\n%s", err, refusal)
	}
}

func TestEnginesAreMissing(t *testing.T) {
	connbench := command(t)
	for _, args := range [][]string{{"serve", "gnet"}, {"run", "--models", "gnet"}} {
		out, err := exec.Command(connbench, args...).CombinedOutput()
		if err == nil || strings.Count(string(out), "\n") != 1 || !strings.Contains(string(out), enginesBinary+", which is not there: make build") {
			t.Errorf("%q: %v\n%s", args, err, out)
		}
	}
}
