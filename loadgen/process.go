package loadgen

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Process is a child of this process, a client or a server, that runs on CPUs of
// its own, is told things as lines of JSON and answers in lines of JSON. It does
// not outlive this process.
type Process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *json.Decoder
	output io.Closer // what stdout reads
	stderr tail
	done   chan struct{} // closed when it has ended
	err    error         // how, after that
}

// StartProcess starts the command on the given CPUs; an empty set leaves it those
// of this process. The set is in force before the command's first instruction,
// so that a Go program's GOMAXPROCS follows it. The caller calls Stop.
func StartProcess(command []string, cpus []int) (*Process, error) {
	// A pipe of our own, since Wait would close exec's before it is read out.
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	p, err := launch(command, cpus, w)
	if err != nil {
		r.Close()
		return nil, err
	}
	p.stdout, p.output = json.NewDecoder(r), r
	return p, nil
}

// StartForeign is StartProcess for a program that knows nothing of all this: there
// is nothing to Tell it or Hear from it. The last of what it writes, on standard
// output too, is what [Process.Said] and errors quote.
func StartForeign(command []string, cpus []int) (*Process, error) { return launch(command, cpus, nil) }

// lingering is how long what a process has started may hold on to its standard
// error when it has ended itself.
const lingering = 100 * time.Millisecond

// launch starts a process whose standard output is the file given, or nil to keep
// its end as that of standard error.
func launch(command []string, cpus []int, stdout *os.File) (*Process, error) {
	p := &Process{cmd: exec.Command(command[0], command[1:]...), done: make(chan struct{})}
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	p.stdin = stdin
	p.cmd.Stdout, p.cmd.Stderr = &p.stderr, &p.stderr
	if stdout != nil {
		p.cmd.Stdout = stdout
	}
	p.cmd.WaitDelay = lingering
	p.cmd.SysProcAttr = childAttributes()
	if err := startOn(p.cmd, cpus); err != nil {
		stdin.Close()
		return nil, fmt.Errorf("start %s: %w", command[0], err)
	}
	go func() {
		if err := p.cmd.Wait(); !errors.Is(err, exec.ErrWaitDelay) { // which says that the process itself did well
			p.err = err
		}
		close(p.done)
	}()
	return p, nil
}

// PID is the process's number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Signal sends a signal to the process alone.
func (p *Process) Signal(s os.Signal) error { return p.cmd.Process.Signal(s) }

// Tell writes v to the process as a line of JSON.
func (p *Process) Tell(v any) error { return json.NewEncoder(p.stdin).Encode(v) }

// Hear reads the next line of JSON into v. When there is none because the process
// has ended, the error says how, with the last of what it said on standard error.
func (p *Process) Hear(v any) error {
	err := p.stdout.Decode(v)
	if err == nil {
		return nil
	}
	p.output.Close() // there is nothing more to hear
	select {
	case <-p.done:
		return p.failure()
	case <-time.After(time.Second): // its output ended, or made no sense, and it lives
		return fmt.Errorf("%s: %w", p.cmd.Args[0], err)
	}
}

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Stop ends the process, and whatever it has started: it is asked to, given time
// to do so, and then killed. It returns nil where asking was enough, and may be
// called more than once.
func (p *Process) Stop(grace time.Duration) error {
	p.stdin.Close()
	p.signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(grace):
		p.signal(syscall.SIGKILL)
		<-p.done
		return fmt.Errorf("did not end within %v and was killed", grace)
	}
	p.signal(syscall.SIGKILL) // what it may have left behind
	if p.err == nil || p.endedBy(syscall.SIGTERM) {
		return nil
	}
	return p.failure()
}

// Said is the last of what the process wrote on standard error, and if it is foreign
// on standard output, in one line; call it after that has ended.
func (p *Process) Said() string { return p.stderr.String() }

// endedBy reports whether the signal ended the process, as it does where a program
// has nothing to clean up; call it after that.
func (p *Process) endedBy(s syscall.Signal) bool {
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == s
}

// signal reaches the whole process group.
func (p *Process) signal(s syscall.Signal) { syscall.Kill(-p.PID(), s) }

// failure says how the process ended; call it after that.
func (p *Process) failure() error {
	err := p.err
	if err == nil {
		err = errors.New("exit status 0")
	}
	if said := p.stderr.String(); said != "" {
		return fmt.Errorf("ended (%w): %s", err, said)
	}
	return fmt.Errorf("ended (%w)", err)
}

// tail keeps the last of what is written to it.
type tail struct{ b []byte }

const tailSize = 2 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if n := len(t.b) - tailSize; n > 0 {
		t.b = append(t.b[:0], t.b[n:]...)
	}
	return len(p), nil
}

// String is the last lines as one, for an error message.
func (t *tail) String() string {
	return strings.Join(strings.Fields(string(bytes.TrimSpace(t.b))), " ")
}
