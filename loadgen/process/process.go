// Package process starts children of this process, clients and servers, on CPUs of
// their own, talks with them in lines of JSON, and ends all that has come from them.
package process

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
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
	output *os.File // what stdout reads
	stderr tail
	done   chan struct{} // closed when it has ended
	err    error         // how, after that

	foreign bool
	before  []int  // of a foreign one, the children that this process had
	mark    string // of a foreign one, in the environment of all that comes from it
}

// Start starts the command on the given CPUs; an empty set leaves it those
// of this process. The set is in force before the command's first instruction,
// so that a Go program's GOMAXPROCS follows it. The caller calls Stop.
func Start(command []string, cpus []int) (*Process, error) { return new(Process).heard(command, cpus) }

// heard starts the process with its standard output to be heard, by a pipe of our own, since
// Wait would close exec's before it is read out.
func (p *Process) heard(command []string, cpus []int) (*Process, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	p.stdout, p.output = json.NewDecoder(r), r
	if err := p.launch(command, cpus, w); err != nil {
		r.Close()
		return nil, err
	}
	return p, nil
}

// StartForeign is Start for a program that knows nothing of all this: there
// is nothing to Tell it or, unless it is known to answer, to Hear from it. The last of what it
// writes, on standard output too if that is not heard, is what [Process.Said] and errors quote.
// Stop also ends what it has started in other process groups and sessions.
func StartForeign(command []string, cpus []int, answers bool) (*Process, error) {
	p := &Process{foreign: true, before: adopt(), mark: newMark()}
	if answers {
		return p.heard(command, cpus)
	}
	if err := p.launch(command, cpus, nil); err != nil {
		return nil, err
	}
	return p, nil
}

// How long what a process has started may hold on to its standard error, and to its
// standard output, when it has ended itself.
const (
	lingering = 100 * time.Millisecond
	hearing   = 5 * time.Second
)

// launch starts a process whose standard output is the file given, or nil to keep
// its end as that of standard error.
func (p *Process) launch(command []string, cpus []int, stdout *os.File) error {
	p.cmd, p.done = exec.Command(command[0], command[1:]...), make(chan struct{})
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		return err
	}
	p.stdin = stdin
	p.cmd.Stdout, p.cmd.Stderr = &p.stderr, &p.stderr
	if stdout != nil {
		p.cmd.Stdout = stdout
	}
	p.cmd.WaitDelay = lingering
	p.cmd.SysProcAttr = childAttributes()
	if p.mark != "" {
		p.cmd.Env = append(os.Environ(), p.mark)
	}
	err = enlist(func() (int, error) {
		if err := OnCPUs(cpus, p.cmd.Start); err != nil { // a child inherits them from the thread that starts it
			return 0, err
		}
		return p.PID(), nil
	})
	if err != nil {
		stdin.Close()
		return fmt.Errorf("start %s: %w", command[0], err)
	}
	go func() {
		if err := p.cmd.Wait(); !errors.Is(err, exec.ErrWaitDelay) { // which says that the process itself did well
			p.err = err
		}
		if p.output != nil {
			p.output.SetReadDeadline(time.Now().Add(hearing))
		}
		close(p.done)
	}()
	return nil
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

// ErrKilled is in the error of [Process.Stop] where asking was not enough.
var ErrKilled = errors.New("was killed")

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
		if err := p.dismiss(); err != nil {
			return err
		}
		return fmt.Errorf("did not end within %v and %w", grace, ErrKilled)
	}
	p.signal(syscall.SIGKILL) // what it may have left behind
	if err := p.dismiss(); err != nil {
		return err
	}
	if p.err == nil || p.endedBy(syscall.SIGTERM) {
		return nil
	}
	return p.failure()
}

// Said is the last of what the process wrote on standard error, and if it is foreign
// on standard output, in one line; call it after that has ended.
func (p *Process) Said() string { return p.stderr.String() }

// Usage is what a process took in its life, its threads that had ended included.
type Usage struct {
	CPU      time.Duration
	Switches int64 // of context, voluntary or not
	Faults   int64 // of pages, without those that had to be read from a disk
}

// Usage is what the process took; call it after it has ended. It is nil where the
// system does not say.
func (p *Process) Usage() *Usage {
	u, ok := p.cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return nil
	}
	return &Usage{
		CPU:      time.Duration(u.Utime.Nano() + u.Stime.Nano()),
		Switches: int64(u.Nvcsw + u.Nivcsw),
		Faults:   int64(u.Minflt),
	}
}

// endedBy reports whether the signal ended the process, as it does where a program
// has nothing to clean up; call it after that.
func (p *Process) endedBy(s syscall.Signal) bool {
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == s
}

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
func (t *tail) String() string { return Plain(string(t.b)) }
