package read

import (
	"cmp"
	"math"
	"slices"

	"connbench/results"
	"connbench/results/stats"

	"github.com/google/pprof/profile"
	"gonum.org/v1/gonum/stat"
)

// Split is how a row's CPU time at a point is split, by the mean over its profiles: nanoseconds a
// request, and how often a request what costs some was done. What nobody counted is nil.
type Split struct {
	Key       results.Key
	CPU       float64 // in the run's trials, where it has valid ones, else in the profiles
	Disturbed bool    // of profiles of which too few are valid
	User      *float64
	System    *float64 // without the interrupt work, where that is told apart
	Interrupt *float64
	Parts     []Share // the largest first

	Voluntary, Involuntary, Faults, SystemCalls *float64
	GCCycles, GCPauseNS                         *float64 // a second; of one process in Go
	Of                                          []Spent
}

// Share is a part of a row's time.
type Share struct {
	Part string
	NS   float64
	Each *float64
}

// Splits are those of all rows and points that have profiles, the cheapest row of a point first. What the
// profiles share out is what the rows took in the run.
func Splits(spending []Spent, points []stats.Point) []Split {
	var all []Split
	for _, of := range results.Grouped(spending, func(s Spent) results.Key { return s.Key() }) {
		disturbed := len(valid(of)) < fewestPairs
		if !disturbed {
			of = valid(of)
		}
		s := splitOf(of, points)
		s.Disturbed = disturbed
		all = append(all, s)
	}
	slices.SortStableFunc(all, func(a, b Split) int {
		return cmp.Or(cmp.Compare(a.Key.Clients, b.Key.Clients), cmp.Compare(a.Key.PayloadBytes, b.Key.PayloadBytes), cmp.Compare(a.Key.RateRPS, b.Key.RateRPS),
			cmp.Compare(a.CPU, b.CPU))
	})
	return all
}

// Profile is that of all trials of a split together; nil where there is none. dir is the run's folder.
func (s *Split) Profile(dir string) (*profile.Profile, error) {
	var all []*profile.Profile
	for i := range s.Of {
		if s.Of[i].CPUProfile.File == "" {
			continue
		}
		p, err := readProfile(dir, s.Of[i].CPUProfile.File)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	if all == nil {
		return nil, nil
	}
	return profile.Merge(all)
}

func splitOf(of []Spent, points []stats.Point) Split {
	s := Split{Key: of[0].Key(), Of: of}
	profiled := mean(results.Map(of, func(x Spent) float64 { return x.ServerCPUPerRequest })).Estimate
	s.CPU = profiled
	if p := results.Find(points, func(p *stats.Point) bool { return p.Key == s.Key && p.Valid > 0 }); p != nil {
		if took, known := p.Of(results.ServerCPU); known {
			s.CPU = took.Median
		}
	}
	scale := s.CPU / profiled
	s.Voluntary = averageOf(of, func(x *Spent) *float64 { return x.CPUProfile.Voluntary })
	s.Involuntary = averageOf(of, func(x *Spent) *float64 { return x.CPUProfile.Involuntary })
	s.Faults = averageOf(of, func(x *Spent) *float64 { return x.CPUProfile.Faults })
	s.SystemCalls = averageOf(of, func(x *Spent) *float64 { return x.calls(true, func(string) bool { return true }) })
	s.User = averageOf(of, func(x *Spent) *float64 { return known(x.User*scale, !math.IsNaN(x.User)) })
	s.Interrupt = averageOf(of, func(x *Spent) *float64 { return known(x.Parts[partInterrupt]*scale, x.Kernel) })
	if s.User != nil {
		system := s.CPU - *s.User
		if s.Interrupt != nil {
			system -= *s.Interrupt
		}
		s.System = &system
	}
	s.GCCycles = averageOf(of, func(x *Spent) *float64 {
		return x.ofRuntime(func(r *results.Runtime) float64 { return float64(r.GCCycles) })
	})
	s.GCPauseNS = averageOf(of, func(x *Spent) *float64 {
		return x.ofRuntime(func(r *results.Runtime) float64 { return float64(r.GCPauseNS) })
	})
	s.Parts = sharesOf(of, scale)
	return s
}

func sharesOf(of []Spent, scale float64) (shares []Share) {
	parts := map[string][]float64{}
	for i := range of {
		for part, ns := range of[i].Parts {
			if part == partUnknown {
				part = "what the profile does not name"
			}
			parts[part] = append(parts[part], ns*scale)
		}
	}
	for part, values := range parts {
		each := averageOf(of, func(x *Spent) *float64 { return x.each(part) })
		shares = append(shares, Share{part, stat.Mean(values, nil) * float64(len(values)) / float64(len(of)), each})
	}
	slices.SortFunc(shares, func(a, b Share) int { return cmp.Or(cmp.Compare(b.NS, a.NS), cmp.Compare(a.Part, b.Part)) })
	return shares
}

func known(v float64, is bool) *float64 {
	if !is {
		return nil
	}
	return &v
}

// ofRuntime is a count of Go's runtime in the window, a second.
func (s *Spent) ofRuntime(count func(*results.Runtime) float64) *float64 {
	if s.ServerRuntime == nil || s.DurationNS == 0 || s.CPUProfile.Source == results.ByProgram { // which collects garbage of its own
		return nil
	}
	return new(count(s.ServerRuntime) / (float64(s.DurationNS) / 1e9))
}

func averageOf(of []Spent, value func(*Spent) *float64) *float64 {
	var values []float64
	for i := range of {
		if v := value(&of[i]); v != nil {
			values = append(values, *v)
		}
	}
	return average(values)
}
