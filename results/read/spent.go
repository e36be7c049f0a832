package read

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/stats"

	"github.com/google/pprof/profile"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Spent is where the server's time went in a trial that was made for its profile: nanoseconds a
// request by part, which together are what it took a request.
type Spent struct {
	*results.Trial
	Parts   map[string]float64
	Program map[string]float64 // the same by the functions of an interpreter's program, what is done for them included; nil where it says none
	User    float64            // of it, outside of the kernel; NaN where that is not known
	Kernel  bool               // whether the profile tells the kernel's part
}

// maxProfileBytes is far more than a profile has.
const maxProfileBytes = 64 << 20

// Spending reads where the time went in the trials of a run's folder that were made for it.
// Those without a profile are told apart by user and system time alone. What failed, what has too few samples
// and what cannot be read is left out, and said.
func Spending(dir string, trials []results.Trial) (all []Spent, left []string) {
	for _, t := range results.Each(trials) {
		why := t.Failure
		if why == "" && t.CPUProfile != nil && t.ServerUsage != nil && t.Requests > 0 {
			s, err := spent(dir, t)
			switch {
			case err != nil:
				why = err.Error()
			case len(s.Parts) > 0:
				all = append(all, *s)
				continue
			default:
				why = "too few samples, or no ticks of its time"
			}
		}
		left = append(left, fmt.Sprintf("%s: profile %d, of %s, is left out: %s", dir, t.Trial, t.Model, cmp.Or(why, "no request was answered")))
	}
	return all, left
}

func spent(dir string, t *results.Trial) (*Spent, error) {
	user := userShare(t.CPUProfile) * t.ServerCPUPerRequest
	s := &Spent{Trial: t, Parts: map[string]float64{}, User: user}
	if t.CPUProfile.File == "" {
		if !math.IsNaN(user) {
			s.Parts["its own code, user time"], s.Parts[partSystem] = user, t.ServerCPUPerRequest-user
		}
		return s, nil
	}
	p, err := readProfile(dir, t.CPUProfile.File)
	if err != nil {
		return nil, err
	}
	s.take(p)
	if t.CPUProfile.Program == "" {
		return s, nil
	}
	if p, err = readProfile(dir, t.CPUProfile.Program); err != nil {
		return nil, err
	}
	of := &Spent{Trial: t, Parts: map[string]float64{}}
	of.take(p)
	s.Program = of.Parts
	return s, nil
}

// userShare is the part of the time outside of the kernel by ticks, NaN where nobody counted.
func userShare(p *results.CPUProfile) float64 {
	if p.UserNS == nil || p.SystemNS == nil || *p.UserNS+*p.SystemNS == 0 {
		return math.NaN()
	}
	return *p.UserNS / (*p.UserNS + *p.SystemNS)
}

func readProfile(dir, file string) (*profile.Profile, error) {
	b, err := results.ReadRegular(filepath.Join(dir, filepath.FromSlash(file)), maxProfileBytes)
	if err != nil {
		return nil, err
	}
	p, err := profile.Parse(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return p, nil
}

// take shares out what a request took by the samples.
func (s *Spent) take(p *profile.Profile) {
	all, kernel, whole := 0.0, 0.0, s.ServerCPUPerRequest
	if share := userShare(s.CPUProfile); slices.Contains(p.Comments, results.UserStacks) && !math.IsNaN(share) {
		whole *= share
		s.Parts[partSystem] = s.ServerCPUPerRequest - whole
	}
	weight := func(sample *profile.Sample) float64 { return float64(sample.Value[len(sample.Value)-1]) }
	samples := slices.DeleteFunc(p.Sample, func(sample *profile.Sample) bool { return len(sample.Value) == 0 })
	for _, sample := range samples {
		all += weight(sample)
	}
	if len(samples) == 0 || all == 0 || few(samples) {
		clear(s.Parts)
		return
	}
	for _, sample := range samples {
		stack := Frames(sample)
		ns := weight(sample) / all * whole
		s.Parts[partOf(stack)] += ns
		if len(stack) > 0 && stack[0].Kernel {
			kernel += ns
		}
	}
	if s.Kernel = kernel > 0; s.Kernel {
		s.User = whole - kernel
	}
}

// few reports whether the samples are fewer than say anything: of a server that hardly ran.
func few(samples []*profile.Sample) bool {
	const fewest = 10
	var n int64
	for _, sample := range samples {
		n += sample.Value[0]
	}
	return n < fewest
}

// each is how often a request something was done, nil where nobody counted.
func (s *Spent) each(part string) *float64 {
	p := s.CPUProfile
	switch {
	case part == partSwitch && p.Voluntary != nil && p.Involuntary != nil:
		return new(*p.Voluntary + *p.Involuntary)
	case part == partFault:
		return p.Faults
	case isTask(part) || strings.HasPrefix(part, callPart):
		return s.calls(isTask(part), func(name string) bool { return callPart+name == part || tasks[name] == part })
	}
	return nil
}

// calls are those system calls a request, nil where nobody counted: several where there may be others than
// those that were.
func (s *Spent) calls(several bool, are func(name string) bool) *float64 {
	p := s.CPUProfile
	if p.Calls == nil || p.CallRequests == 0 {
		return nil
	}
	n, found := 0.0, false
	for _, c := range p.Calls.Each {
		if are(c.Name) {
			n, found = n+float64(c.Count), true
		}
	}
	if p.Calls.Partial && (!found || several) {
		return nil
	}
	return new(n / float64(p.CallRequests))
}

func isTask(part string) bool { return part == taskReceive || part == taskSend || part == taskWait }

// mean is that of values with its interval by Student's t, which sums keep: the mean of a sum is
// the sum of the means, as no median is. It is unbounded for fewer than two.
func mean(values []float64) stats.Interval {
	m, n := stat.Mean(values, nil), float64(len(values))
	if n < 2 {
		return stats.Unbounded(m)
	}
	far := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(1-stats.Tail) * stat.StdDev(values, nil) / math.Sqrt(n)
	return stats.Interval{Estimate: m, Low: m - far, High: m + far}
}
