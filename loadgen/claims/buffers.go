package claims

import (
	"context"
	"fmt"

	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"

	"github.com/prometheus/procfs"
)

var buffers = experiment{
	number: "5",
	title:  "what receive buffers do",
	words: []string{
		"A larger receive buffer means fewer system calls.",
		"A larger receive buffer means more memory per connection.",
		"A receive buffer of 65536 suits bulk transfer.",
	},
	method: fmt.Sprintf("The goroutine server with read buffers of 1, 4 and 64 KiB and requests of %s from %d clients. The calls of read are those that "+
		"/proc/PID/io has counted by the end of a load, by its requests; memory is the growth of the process by %d connections that have each been answered once, "+
		"and are idle. 64 KiB suits if a request then takes less server CPU than with 4 KiB.", results.Bytes(bulk), bulkClients, idleClients),
	run: (*Bench).bufferSizes,
}

const (
	bulk        = 64 << 10 // bytes of a request
	bulkClients = 256
	readers     = 16 // clients while reads are counted
)

func (b *Bench) bufferSizes(ctx context.Context) ([]finding, error) {
	rows, names, err := b.settings(ctx, "goroutine", "read-buffer", "1KiB", "4KiB", "64KiB")
	if err != nil {
		return nil, err
	}
	reads := make([]float64, len(names))
	for i, name := range names {
		if reads[i], err = b.reads(ctx, rows[name]); err != nil {
			return nil, err
		}
	}
	findings := []finding{readReads(names, reads)}
	memory, err := b.memory(ctx, rows, names)
	if err != nil {
		return findings, err
	}
	findings = append(findings, readMemory(memory, names))
	trials, err := b.Trials(ctx, b.plan(bulkClients, bulk, names...), rows)
	if err != nil {
		return findings, err
	}
	return append(findings, readBulk(trials, names[1], names[2])), nil
}

func (b *Bench) reads(ctx context.Context, row sweep.Row) (float64, error) {
	spec := loadgen.DefaultSpec()
	spec.Clients, spec.PayloadBytes, spec.Warmup, spec.Duration = readers, bulk, 0, b.Duration
	var before, after uint64
	count := func(n *uint64) func(*sweep.Server) error {
		return func(s *sweep.Server) error {
			p, err := procfs.NewProc(s.PID())
			if err != nil {
				return err
			}
			io, err := p.IO()
			*n = io.SyscR
			return err
		}
	}
	result, err := b.drive(ctx, row, spec, count(&before), count(&after))
	if err != nil {
		return 0, err
	}
	if result.Requests == 0 {
		return 0, fmt.Errorf("%s answered nothing", row.Name)
	}
	return float64(after-before) / float64(result.Requests), nil
}

// readReads wants fewer at every step.
func readReads(names []string, reads []float64) finding {
	last, fewer := len(reads)-1, true
	var r finding
	for i, name := range names {
		r.figures = append(r.figures, read.Figure("calls of read a request of 64 KiB, "+name, reads[i], "calls"))
		fewer = fewer && (i == 0 || reads[i] < reads[i-1])
	}
	r.outcome = confirmedIf(fewer)
	r.sentence = fmt.Sprintf("A request of 64 KiB takes %.3g calls with %s and %.3g with %s.", reads[0], names[0], reads[last], names[last])
	return r
}

// memory is what a connection takes with each of the rows, once and again.
func (b *Bench) memory(ctx context.Context, rows map[string]sweep.Row, names []string) (map[string][]float64, error) {
	of := map[string][]float64{}
	for range b.Repeats {
		for _, name := range names {
			f, err := b.footprint(ctx, rows[name], bulk)
			if err != nil {
				return nil, err
			}
			of[name] = append(of[name], f.growth/idleClients)
		}
	}
	return of, nil
}

// readMemory compares the largest with the smallest, and wants no step between them the other way.
func readMemory(of map[string][]float64, names []string) finding {
	first, last := names[0], names[len(names)-1]
	var r finding
	for _, name := range names {
		r.median("resident memory of a connection, "+name, "bytes", of[name])
	}
	e := stats.RatioOf(of[last], of[first])
	r.ratio(last+" takes, of "+first, e)
	r.sentence = fmt.Sprintf("A connection takes %.3g times the memory with %s that it takes with %s.", e.Ratio.Estimate, last, first)
	r.sided(1, e)
	for i, name := range names[1:] {
		if step := stats.RatioOf(of[name], of[names[i]]); beside(step) < 0 && r.outcome == read.Confirmed {
			r.say(read.Undecidable, " But with %s it takes %.3g times that with %s.", name, step.Ratio.Estimate, names[i])
		}
	}
	return r
}

func readBulk(trials []results.Trial, usual, large string) finding {
	var r finding
	for _, name := range []string{usual, large} {
		r.medianIn(trials, results.ServerCPU, "server CPU a request", "ns", name)
	}
	e, rests := stats.RatioIn(trials, results.ServerCPU, large, usual)
	r.ratio(large+" takes, of "+usual, e, rests...)
	r.sentence = fmt.Sprintf("A request of 64 KiB takes %.3g times the server CPU with %s that it takes with %s.", e.Ratio.Estimate, large, usual)
	r.sided(-1, e)
	return r
}
