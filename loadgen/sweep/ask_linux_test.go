package sweep

import (
	"errors"
	"slices"
	"testing"
	"time"

	"connbench/loadgen/process"

	pprof "github.com/google/pprof/profile"
)

// profiled is what a server says of itself when it has had so much CPU time.
func profiled(t *testing.T, s *Server, enough time.Duration) *pprof.Profile {
	t.Helper()
	if p, err := s.Profile(true); p != nil || err != nil {
		t.Fatal(p, err)
	}
	first, err := process.CPU(s.PID())
	for now := first; err == nil && now < first+enough; now, err = process.CPU(s.PID()) {
		time.Sleep(time.Millisecond)
	}
	p, err := s.Profile(false)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// functionsOf lists the functions of a profile.
func functionsOf(p *pprof.Profile) (names []string) {
	for _, f := range p.Function {
		names = append(names, f.Name)
	}
	return names
}

// A server in Go makes a profile of itself as often as it is asked to.
func TestProfile(t *testing.T) {
	t.Parallel()
	row := Row{Name: "telling", Network: "tcp", Tells: true, Command: []string{executable(t), "act-telling", t.TempDir(), "busy"}}
	s, err := StartServer(t.Context(), row, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Kill()
	for range 2 {
		if p := profiled(t, s, 100*time.Millisecond); !slices.Contains(functionsOf(p), "connbench/loadgen/sweep.spinForTheProfile") {
			t.Errorf("it is in %q", functionsOf(p))
		}
		if f, err := s.Ask(true); f == nil || err != nil {
			t.Errorf("figures after it: %v, %v", f, err)
		}
	}
}

// An interpreter's samples are worth the CPU time that it says they had.
func TestProfileFolded(t *testing.T) {
	t.Parallel()
	row := Row{Name: "folding", Network: "tcp", Foreign: true, Profiles: true, Command: []string{executable(t), "act-folding", "{addr}"}}
	s, err := StartServer(t.Context(), row, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Kill()
	p := profiled(t, s, 0)
	if want := []string{"main.py:serve", "main.py:recv"}; !slices.Equal(functionsOf(p), want) || p.Period != 1e6 || len(p.Comments) > 0 {
		t.Errorf("%q, %d ns each, %q", functionsOf(p), p.Period, p.Comments)
	}
}

func TestProfileRefused(t *testing.T) {
	t.Parallel()
	s := &Server{}
	if p, err := s.Profile(true); p != nil || !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("%v, %v", p, err)
	}
	for _, answer := range []string{"", "null", "3", `"AAAA"`, `{"a": "b"}`} {
		a := profileAnswer{Profile: []byte(answer)}
		if p, err := a.parse(); err == nil {
			t.Errorf("%s is %v", answer, p)
		}
	}
}
