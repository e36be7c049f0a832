package profile

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"golang.org/x/sys/unix"
)

// share is the part of the samples with a function whose name ends so.
func share(p *profile.Profile, name string) float64 {
	var with, all int64
	for _, s := range p.Sample {
		all += s.Value[0]
		if slices.ContainsFunc(s.Location, func(l *profile.Location) bool {
			return slices.ContainsFunc(l.Line, func(l profile.Line) bool { return strings.HasSuffix(l.Function.Name, name) })
		}) {
			with += s.Value[0]
		}
	}
	return float64(with) / float64(max(all, 1))
}

// Each way of sampling finds where a busy process is, in its own code and in the kernel's as
// far as it says so, and about as much CPU time as the system accounts for.
func TestSampler(t *testing.T) {
	t.Parallel()
	for i, name := range []string{"everywhere", "threads", "user"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pid, _, _ := child(t, "spin")
			f, err := newFamily([]int{pid})
			check(t, err)
			s, err := begin(f, 999, ways[i:i+1])
			refused(t, err)
			taking(t, pid)
			p, err := s.End()
			check(t, err)
			if got := share(p, "profile.spinForTheProfile"); got < 0.9 {
				t.Errorf("%.2f of the samples are in the loop: %v", got, p)
			}
			kernel := share(p, "ksys_read")
			if i < 2 && kernel == 0 || i == 2 && kernel > 0 {
				t.Errorf("%.2f of the samples are in read, %v", kernel, p.Comments)
			}
			if want := ways[i].comments; !slices.Equal(p.Comments, want) {
				t.Errorf("comments %q, want %q", p.Comments, want)
			}
			if p.Sample[0].Label["thread"] == nil || p.Mapping[0].File != exe(t) {
				t.Errorf("a sample of the thread %v in %s", p.Sample[0].Label, p.Mapping[0].File)
			}
		})
	}
}

func exe(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	check(t, err)
	return path
}

// So it does in a process that is started later, also if that has ended before.
func TestSamplerFollows(t *testing.T) {
	t.Parallel()
	pid, say, hear := child(t, "spin", "sh", "-c", `echo ready; read go; "$0"; read end`)
	s, err := Begin([]int{pid}, 999)
	refused(t, err)
	say("go")
	hear()
	f, err := newFamily([]int{pid})
	check(t, err)
	started := slices.DeleteFunc(f.members(), func(member int) bool { return member == pid })[0]
	taking(t, started)
	check(t, unix.Kill(started, unix.SIGKILL))
	for unix.Kill(started, 0) == nil { // until the shell has waited for it
		time.Sleep(time.Millisecond)
	}
	p, err := s.End()
	check(t, err)
	if got := share(p, "profile.spinForTheProfile"); got < 0.5 {
		t.Errorf("%.2f of the samples are in the loop: %v", got, p)
	}
}

func TestBeginRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		roots []int
		hz    int
		want  error
		says  string
	}{
		{[]int{os.Getpid()}, 0, nil, "0 times a second, allowed are 1 to 10000"},
		{[]int{os.Getpid()}, 10_001, nil, "allowed are 1 to 10000"},
		{nil, 999, unix.ESRCH, "no process"},
		{[]int{1 << 30}, 999, unix.ESRCH, "process 1073741824"},
		{[]int{-1}, 999, unix.ESRCH, "process -1"},
	} {
		s, err := Begin(tt.roots, tt.hz)
		if s != nil || err == nil || tt.want != nil && !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%v, %d: %v, %v, want %q", tt.roots, tt.hz, s, err, tt.says)
		}
	}
	f, err := newFamily([]int{os.Getpid()})
	check(t, err)
	many := make([]int, 2000)
	if _, err := open(make([]unix.PerfEventAttr, 1), many, f.cpus(), sampleBytes, nil); !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), "at most 1024") {
		t.Errorf("2000 threads: %v", err)
	}
}
