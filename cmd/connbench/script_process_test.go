package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience is how long a script waits for something that must happen.
const patience = 2 * time.Minute

// process is a command that a script has started and not waited for.
type background struct {
	cmd    *exec.Cmd
	output map[string]*output // stdout, stderr
	ended  chan struct{}
}

// output is what a process has said so far.
type output struct {
	mu    sync.Mutex
	text  bytes.Buffer
	grown chan struct{} // closed by the next write
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.grown)
	o.grown = make(chan struct{})
	return o.text.Write(p)
}

func (o *output) read() (text string, grown <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String(), o.grown
}

// started is what a script has started.
type started struct {
	env   []string
	named map[string]*background
	mute  *net.TCPListener
}

type processesKey struct{}

func setupProcesses(env *testscript.Env) error {
	env.Setenv("PATH", pythonPath())
	env.Values[processesKey{}] = &started{env: env.Vars, named: map[string]*background{}}
	return nil
}

func startedBy(ts *testscript.TestScript) *started {
	return ts.Value(processesKey{}).(*started)
}

func processNamed(ts *testscript.TestScript, name string) *background {
	p := startedBy(ts).named[name]
	if p == nil {
		ts.Fatalf("nothing called %s was started", name)
	}
	return p
}

// start NAME COMMAND ARG... starts a command and goes on.
func startProcess(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start name command [arg...]")
	}
	all := startedBy(ts)
	p := &background{
		cmd:    exec.Command(args[1], args[2:]...),
		output: map[string]*output{"stdout": {grown: make(chan struct{})}, "stderr": {grown: make(chan struct{})}},
		ended:  make(chan struct{}),
	}
	p.cmd.Dir, p.cmd.Env = ts.MkAbs("."), all.env
	p.cmd.Stdout, p.cmd.Stderr = p.output["stdout"], p.output["stderr"]
	ts.Check(p.cmd.Start())
	all.named[args[0]] = p
	go func() {
		p.cmd.Wait()
		close(p.ended)
	}()
	ts.Defer(func() {
		p.cmd.Process.Kill()
		<-p.ended
	})
}

// await NAME stdout|stderr REGEXP waits until the output matches. Named groups
// of the expression become variables.
func awaitOutput(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: await name stdout|stderr regexp")
	}
	p := processNamed(ts, args[0])
	want, err := regexp.Compile("(?m)" + args[2])
	ts.Check(err)
	late := time.After(patience)
	for ended := false; ; {
		text, grown := p.output[args[1]].read()
		if m := want.FindStringSubmatch(text); m != nil {
			for i, name := range want.SubexpNames() {
				if name != "" {
					ts.Setenv(name, m[i])
				}
			}
			return
		}
		if ended {
			ts.Fatalf("%s has ended; no match of %q in\n%s", args[0], want, text)
		}
		select {
		case <-grown:
		case <-p.ended:
			ended = true // and all it said is there
		case <-late:
			ts.Fatalf("no match of %q within %v in\n%s", want, patience, text)
		}
	}
}

// signal NAME INT|TERM|KILL sends a signal.
func signalProcess(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL}
	if neg || len(args) != 2 || signals[args[1]] == 0 {
		ts.Fatalf("usage: signal name INT|TERM|KILL")
	}
	ts.Check(processNamed(ts, args[0]).cmd.Process.Signal(signals[args[1]]))
}

// ended NAME STATUS waits until a process has ended with that status, -1 for by a
// signal, and leaves what it said in the files NAME.stdout and NAME.stderr.
func awaitEnd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: ended name status")
	}
	p := processNamed(ts, args[0])
	select {
	case <-p.ended:
	case <-time.After(patience):
		ts.Fatalf("%s has not ended within %v", args[0], patience)
	}
	for stream, o := range p.output {
		text, _ := o.read()
		ts.Check(os.WriteFile(ts.MkAbs(args[0]+"."+stream), []byte(text), 0o600))
	}
	if got := strconv.Itoa(p.cmd.ProcessState.ExitCode()); got != args[1] {
		said, _ := p.output["stderr"].read()
		ts.Fatalf("exit status %s, want %s; it said\n%s", got, args[1], said)
	}
}

// alive N waits until as many processes of this script live, whoever started
// them: all inherit $WORK, which is the script's own.
func awaitAlive(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: alive n")
	}
	for late := time.Now().Add(patience); ; time.Sleep(aliveGlance) {
		alive := marked("WORK=" + ts.Getenv("WORK") + "\x00")
		if strconv.Itoa(len(alive)) == args[0] {
			return
		}
		if time.Now().After(late) {
			ts.Fatalf("after %v there are %d: %q", patience, len(alive), alive)
		}
	}
}

// aliveGlance is between two looks: each reads a file of every process of the machine,
// which takes time away from the script's own.
const aliveGlance = 50 * time.Millisecond

// marked lists the command lines of the processes with mark in their environment.
func marked(mark string) []string {
	var commands []string
	environments, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range environments {
		if env, err := os.ReadFile(path); err == nil && bytes.Contains(env, []byte(mark)) {
			command, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
			commands = append(commands, strings.ReplaceAll(string(command), "\x00", " "))
		}
	}
	return commands
}

// empty DIR requires a folder without anything in it.
func emptyFolder(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: empty dir")
	}
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(entries) > 0 {
		ts.Fatalf("%s holds %v", args[0], entries)
	}
}
