package sweep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"connbench/loadgen/profile"
	"connbench/loadgen/sample"
	"connbench/results"

	pprof "github.com/google/pprof/profile"
)

const askTimeout = 5 * time.Second

// Ask asks the server for its figures, after a garbage collection if that is asked
// for; nil from a server that is not known to answer. A server that does not is ended.
func (s *Server) Ask(collect bool) (*sample.Figures, error) {
	if !s.tells {
		return nil, nil
	}
	question := sample.AskFigures
	if collect {
		question = sample.AskCollected
	}
	var reply sample.Answer
	if err := s.process.Signal(question); err != nil {
		return nil, nil // it has ended, which is noticed elsewhere
	}
	if err := s.hear(question, &reply); err != nil {
		return nil, err
	}
	return reply.Runtime, nil
}

// hear takes the answer to a question, as far as there is one. A server that does not answer in
// time is ended.
func (s *Server) hear(question syscall.Signal, reply any) error {
	heard := make(chan error, 1)
	go func() { heard <- s.process.Hear(reply) }()
	select {
	case <-heard: // also that it has ended, which is noticed elsewhere
		return nil
	case <-time.After(askTimeout):
		s.process.Stop(0)
		return fmt.Errorf("it did not answer %v within %v", question, askTimeout)
	}
}

// Profile begins a CPU profile that the server makes of itself, and then ends it, which gives
// the profile: of Go by runtime/pprof, 100 samples a second of CPU time; of Python by its
// interpreter, which tells Python's functions. Of several processes it is the first's, and its
// comments say so. The error wraps [errors.ErrUnsupported] where the server is not known to
// answer, or the system has no such signal.
func (s *Server) Profile(on bool) (*pprof.Profile, error) {
	if !s.profiles {
		return nil, fmt.Errorf("this server makes no profile of itself: %w", errors.ErrUnsupported)
	}
	if err := s.process.Signal(sample.AskProfile); err != nil {
		return nil, fmt.Errorf("ask for a profile: %v: %w", err, errors.ErrUnsupported)
	}
	if on {
		return nil, nil
	}
	var a profileAnswer
	if err := s.hear(sample.AskProfile, &a); err != nil {
		return nil, err
	}
	p, err := a.parse()
	if err != nil {
		return nil, fmt.Errorf("profile of a server: %w", err)
	}
	if n := len(s.beside) + len(sample.Tree(s.PID())); n > 1 {
		p.Comments = append(p.Comments, fmt.Sprintf("of the first of %d processes", n))
	}
	return p, nil
}

// Interpreted reports whether the server is a program of an interpreter that makes profiles.
func (s *Server) Interpreted() bool { return s.foreign && s.profiles }

// profileAnswer is what a server answers: a profile as pprof has it, or an interpreter's samples
// by stack and the CPU time of all of them.
type profileAnswer struct {
	Profile json.RawMessage `json:"profile"`
	CPUNS   int64           `json:"cpu_ns"`
}

func (a *profileAnswer) parse() (*pprof.Profile, error) {
	var stacks map[string]int64
	if json.Unmarshal(a.Profile, &stacks) == nil && stacks != nil {
		var samples int64
		for _, n := range stacks {
			samples += max(n, 0)
		}
		return profile.FromFolded(stacks, time.Duration(a.CPUNS/max(samples, 1))), nil
	}
	var data []byte
	if err := json.Unmarshal(a.Profile, &data); err != nil {
		return nil, err
	}
	return pprof.ParseData(data)
}

// goVariables are those of the environment that shape Go's runtime.
var goVariables = []string{"GOGC", "GODEBUG", "GOMAXPROCS", "GOMEMLIMIT"}

// goProbe is how long a server may take to say what is in force in it.
const goProbe = 10 * time.Second

// GoSettings are those of a server of ours on its CPUs, of which row is one that tells of
// itself: it is started, asked and ended. What it does not say within 10 s is absent.
func GoSettings(ctx context.Context, row Row, cpus []int) results.GoSettings {
	g := results.GoSettings{Set: map[string]string{}}
	for _, name := range goVariables {
		if value, set := os.LookupEnv(name); set {
			g.Set[name] = value
		}
	}
	s, err := startServer(ctx, row, cpus, goProbe)
	if err != nil {
		return g
	}
	defer s.process.Stop(goProbe)
	if f, err := s.Ask(false); err == nil && f != nil {
		g.InForce = f.Settings()
	}
	return g
}
