package sample

import (
	"bytes"
	"errors"
	"strings"

	"connbench/loadgen"
	"connbench/loadgen/profile"
	"connbench/results"

	pprof "github.com/google/pprof/profile"
	"github.com/prometheus/procfs"
)

// sampledHertz is how often a CPU that the server runs on is looked at: no multiple of what
// programs wake up by.
const sampledHertz = 1999

// profiler sees where a server's time goes: which system calls it makes while the load warms up,
// and in the window, in which that would cost too much, what it runs.
type profiler struct {
	found         results.CPUProfile
	tracer        *profile.Tracer
	sampler       *profile.Sampler
	own           bool           // the server samples itself
	program       *pprof.Profile // by itself
	before, after *costs
}

type costs struct {
	*processSample
	calls [2]results.Call // read and write of any kind but on sockets alone
}

func (p *profiler) connected(s Server) (err error) {
	if p.tracer, err = profile.Trace(s.PIDs()); err != nil {
		p.found.CallsLacking = reason(err)
	}
	return nil
}

func (p *profiler) prepare(Server) error {
	if p.tracer != nil {
		calls, err := p.tracer.End()
		if err != nil {
			p.found.CallsLacking = reason(err)
		} else {
			p.found.Calls = calls
		}
		p.tracer = nil
	}
	return nil
}

// measuring begins to take samples: of what the kernel knows of the server, or where that is not
// allowed, of what the server knows of itself.
func (p *profiler) measuring(s Server) error {
	p.before = readCosts(s.PIDs())
	var err error
	if p.sampler, err = profile.Begin(s.PIDs(), sampledHertz); err != nil {
		p.found.Lacking = reason(err)
	} else if p.sampler.Kernel() && !s.Interpreted() {
		return nil
	}
	switch _, err := s.Profile(true); {
	case err == nil:
		p.own = true
		if p.sampler != nil && !p.sampler.Kernel() { // less than the server knows
			err = p.sampler.Stop()
			p.sampler = nil
			return err
		}
	case !errors.Is(err, errors.ErrUnsupported):
		p.found.Lacking = reason(err)
	}
	return nil
}

// reason is an error without the words that only programs need.
func reason(err error) string {
	return strings.ReplaceAll(err.Error(), ": "+errors.ErrUnsupported.Error(), "")
}

func (p *profiler) measured(s Server) (err error) {
	p.after = readCosts(s.PIDs())
	if p.sampler != nil {
		err = p.sampler.Stop()
	}
	if p.own {
		p.own = false
		p.program, err = s.Profile(false)
	}
	return err
}

// finished makes of the samples what is stored, which takes its time.
func (p *profiler) finished(Server) error {
	if p.sampler != nil {
		sampled, err := p.sampler.End()
		if p.sampler = nil; err != nil {
			return err
		}
		p.found.Source = results.ByKernel
		if p.found.Samples, err = written(sampled); err != nil {
			return err
		}
	}
	if p.program == nil {
		return nil
	}
	b, err := written(p.program)
	if p.found.Source == results.ByKernel {
		p.found.ProgramSamples = b
	} else {
		p.found.Samples, p.found.Source = b, results.ByProgram
	}
	return err
}

func written(p *pprof.Profile) ([]byte, error) {
	var b bytes.Buffer
	err := p.Write(&b)
	return b.Bytes(), err
}

func (p *profiler) end() {
	if p.tracer != nil {
		p.tracer.End()
	}
	if p.sampler != nil {
		p.sampler.End()
	}
	p.tracer, p.sampler = nil, nil
}

func (p *profiler) of(result *loadgen.Result) *results.CPUProfile {
	found := p.found
	if found.Calls != nil && result.Warm == 0 {
		found.Calls, found.CallsLacking = nil, "no request was answered in the warm-up"
	}
	found.CallRequests = result.Warm
	if found.Calls == nil {
		found.CallRequests = 0
	}
	if p.before == nil || p.after == nil || result.Requests == 0 {
		return &found
	}
	each := func(before, after float64) *float64 {
		if after < before {
			return nil // what a process that has ended had counted is lost
		}
		v := (after - before) / float64(result.Requests)
		return &v
	}
	b, a := p.before, p.after
	found.UserNS, found.SystemNS = each(float64(b.user), float64(a.user)), each(float64(b.system), float64(a.system))
	found.Voluntary = each(float64(b.voluntary), float64(a.voluntary))
	found.Involuntary = each(float64(b.involuntary), float64(a.involuntary))
	found.Faults = each(float64(b.faults), float64(a.faults))
	if found.Calls == nil {
		countByProc(&found, b, a, result.Requests)
	}
	return &found
}

// countByProc counts the calls of the window that /proc counts, where nobody else has.
func countByProc(p *results.CPUProfile, before, after *costs, requests int64) {
	calls := &results.Calls{Partial: true}
	for i, name := range []string{"read", "write"} {
		c := results.Call{Name: name, Count: after.calls[i].Count - before.calls[i].Count, Bytes: after.calls[i].Bytes - before.calls[i].Bytes}
		if c.Count > 0 && c.Bytes >= 0 {
			calls.Each = append(calls.Each, c)
		}
	}
	if calls.Each != nil {
		p.Calls, p.CallRequests = calls, requests
	}
}

// readCosts is nil where one of the processes is gone, or the system has no /proc.
func readCosts(roots []int) *costs {
	tree := sampleTree(roots)
	if tree == nil {
		return nil
	}
	sum := &costs{processSample: tree}
	for _, pid := range tree.pids {
		p, err := procfs.NewProc(pid)
		if err != nil {
			continue
		}
		if io, err := p.IO(); err == nil {
			sum.calls[0].Count += int64(io.SyscR)
			sum.calls[0].Bytes += int64(io.RChar)
			sum.calls[1].Count += int64(io.SyscW)
			sum.calls[1].Bytes += int64(io.WChar)
		}
	}
	return sum
}
