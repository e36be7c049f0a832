package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"connbench/models/processes"
	"connbench/plots/figures"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes a copy of the test binary the connbench of the scripts, which
// so is also the one that starts itself again as server and client.
func TestMain(m *testing.M) {
	if processes.Child() {
		os.Exit(processes.RunChild(modelOf))
	}
	testscript.Main(m, map[string]func(){"connbench": func() {
		figures.DPI = 0 // with the race detector figures would take most of the time
		if os.Getenv("FIGURES") != "" {
			figures.DPI = 8
		}
		main()
	}})
}

// connbench is the path of the program that the tests start. It is the test binary again,
// made without the race detector: a script starts dozens of processes, each several times
// as slow with it; what they do at once is tested under it where it is written.
var connbench = sync.OnceValues(func() (path string, err error) {
	if path, err = exec.LookPath("connbench"); err != nil {
		return "", err
	}
	quick := path + ".quick"
	if out, err := exec.Command("go", "test", "-c", "-vet=off", "-o", quick, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, os.Rename(quick, path)
})

// pythonPath is $PATH with the folder of the interpreter first: what is called python3 may
// be a script that looks for one, which takes longer than that takes to begin.
var pythonPath = sync.OnceValue(func() string {
	path := os.Getenv("PATH")
	out, err := exec.Command("python3", "-c", "import sys; print(sys.executable, end='')").Output()
	if err != nil {
		return path // the scripts go without
	}
	return filepath.Dir(string(out)) + string(filepath.ListSeparator) + path
})

func TestScripts(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the load generator and the reactor are for Linux")
	}
	if _, err := connbench(); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setupProcesses,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"refuses":  refuses,
			"fails":    fails,
			"start":    startProcess,
			"await":    awaitOutput,
			"signal":   signalProcess,
			"ended":    awaitEnd,
			"alive":    awaitAlive,
			"mute":     muteServer,
			"called":   awaitCall,
			"empty":    emptyFolder,
			"fields":   hasFields,
			"sequence": sequence,
			"screen":   showScreen,
		},
	})
}

// broken is a standard output that makes a command panic.
type broken struct{}

func (broken) Write([]byte) (int, error) { panic("broken") }

func TestPanicIsNoSuccess(t *testing.T) {
	defer func() {
		if recover() != "broken" {
			t.Error("a command's panic was swallowed")
		}
	}()
	code := run(context.Background(), []string{"models"}, strings.NewReader(""), broken{}, io.Discard)
	t.Errorf("run returned %d", code)
}

// command is the connbench that the scripts run.
func command(t *testing.T) string {
	t.Helper()
	path, err := connbench()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// temporary is a temporary directory of the test's own.
func temporary(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	return dir
}
