package nets

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is for what is bound to come.
const patience = 2 * time.Minute

// eventually waits for what is bound to come.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for late := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

// program is one that runs on a host. What it says goes into files, so that nothing waits for
// those that it has started.
type program struct {
	t        testing.TB
	cmd      *exec.Cmd
	out, err string        // files
	ended    chan struct{} // closed when it has
}

// start starts a program, which ends with the test at the latest.
func (n *network) start(host string, args ...string) *program {
	n.t.Helper()
	dir := n.t.TempDir()
	p := &program{t: n.t, cmd: n.command(host, args...), out: filepath.Join(dir, "stdout"), err: filepath.Join(dir, "stderr"), ended: make(chan struct{})}
	out, err := os.Create(p.out)
	if err != nil {
		n.t.Fatal(err)
	}
	defer out.Close()
	said, err := os.Create(p.err)
	if err != nil {
		n.t.Fatal(err)
	}
	defer said.Close()
	p.cmd.Stdout, p.cmd.Stderr = out, said
	if err := p.cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		p.cmd.Wait()
	}()
	n.t.Cleanup(func() {
		p.kill()
		if n.t.Failed() {
			n.t.Logf("%s: %s\n%s", host, strings.Join(args, " "), p.said())
		}
	})
	return p
}

// output is what it has said on standard output, and said that on standard error.
func (p *program) output() string { return read(p.t, p.out) }
func (p *program) said() string   { return read(p.t, p.err) }

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// await waits until it says something on standard error.
func (p *program) await(text string) {
	p.t.Helper()
	eventually(p.t, "to say "+text, func() bool {
		said := p.said()
		if p.over() && !strings.Contains(said, text) {
			p.t.Fatalf("it has ended and not said %q: %s", text, said)
		}
		return strings.Contains(said, text)
	})
}

func (p *program) over() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

func (p *program) signal(s syscall.Signal) { p.cmd.Process.Signal(s) }

// kill ends it and nothing that it has started.
func (p *program) kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// exits waits for its end and checks the exit status.
func (p *program) exits(want int) {
	p.t.Helper()
	eventually(p.t, "its end", p.over)
	if got := p.cmd.ProcessState.ExitCode(); got != want {
		p.t.Errorf("exit status %d, not %d: %s", got, want, p.said())
	}
}

// refuses checks that it ends with one line on standard error, which has those words. Lines on
// what it did before are not looked at.
func (p *program) refuses(status int, words ...string) {
	p.t.Helper()
	p.exits(status)
	lines := strings.Split(strings.TrimSpace(p.said()), "\n")
	last := lines[len(lines)-1]
	for _, word := range words {
		if !strings.Contains(last, word) {
			p.t.Errorf("the last line lacks %q: %s", word, last)
		}
	}
	if !strings.HasPrefix(last, "connbench: ") {
		p.t.Errorf("this is not how connbench says what is wrong: %s", last)
	}
	p.t.Log(last)
}
