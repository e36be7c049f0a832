package claims

import (
	"context"
	"fmt"
	"strings"

	"connbench/loadgen/sweep"
	"connbench/results"
	"connbench/results/read"
)

var stack = experiment{
	number: "2",
	title:  "what a thread takes",
	words: []string{
		"A thread reserves up to 8 MB of virtual stack.",
		"An idle thread is resident in under 100 KB.",
	},
	method: fmt.Sprintf("%d clients of a server with a thread for each, every one of them answered once and then idle. /proc/PID/smaps has "+
		"the stacks, which are the mappings of just the size that RLIMIT_STACK gives them; resident memory is the growth of the whole process from "+
		"no client to all, by the threads that it has then.", idleClients),
	run: (*Bench).stacks,
}

const (
	idleClients = 256
	idleLimit   = 100e3 // bytes that an idle thread is said to stay under
)

type footprint struct {
	threads int     // that came with them
	growth  float64 // bytes of resident memory, for whatever
	stacks  stacks
}

func (b *Bench) stacks(ctx context.Context) ([]finding, error) {
	const tutorial, ours = "python-threading", "thread"
	of := map[string]footprint{}
	for _, model := range []string{tutorial, ours} {
		row, err := b.Row(ctx, model, nil)
		if err != nil {
			return nil, err
		}
		f, err := b.footprint(ctx, row, 64)
		if err != nil {
			return nil, err
		}
		if f.threads <= 0 {
			return nil, fmt.Errorf("%s has no more threads with %d clients than with none", model, idleClients)
		}
		of[model] = f
	}
	return []finding{readReserved(tutorial, of[tutorial]), readResident(of, tutorial, ours)}, nil
}

// footprint starts a row and gives it clients that it answers once, with so many bytes.
func (b *Bench) footprint(ctx context.Context, row sweep.Row, payload int) (f footprint, err error) {
	err = b.with(ctx, row, func(server *sweep.Server) error {
		before, err := processMemory(server.PID())
		if err != nil {
			return err
		}
		clients, err := answered(row.Network, server.Address(), idleClients, payload)
		if err != nil {
			return err
		}
		defer clients.close()
		after, err := processMemory(server.PID())
		if err != nil {
			return err
		}
		f.threads = after.NumThreads - before.NumThreads
		f.growth = float64(after.ResidentMemory() - before.ResidentMemory())
		f.stacks, err = threadStacks(server.PID())
		return err
	})
	return f, err
}

func (f footprint) perThread() float64 { return f.growth / float64(f.threads) }

// readReserved wants as many stacks of the limit's size as there are threads, and the
// limit to be 8 MB.
func readReserved(row string, f footprint) finding {
	s := f.stacks
	r := finding{
		outcome: read.Refuted,
		figures: []read.ClaimFigure{
			read.Figure("limit of a stack (RLIMIT_STACK), "+row, float64(s.limit), "bytes"),
			read.Figure("stacks of that size, "+row, float64(s.count), "stacks").Noted("with %d threads of clients", f.threads),
			read.Figure("resident part of one, "+row, s.resident, "bytes"),
		},
	}
	const said = 8 << 20
	switch {
	case s.limit == 0:
		r.say(read.Undecidable, "The limit of a stack here is none, so that its size cannot be told.")
	case s.count < f.threads*9/10:
		r.sentence = fmt.Sprintf("%d threads have only %d stacks of %s.", f.threads, s.count, results.Bytes(s.limit))
	case s.limit == said:
		r.say(read.Confirmed, "Each thread has %s of its address space for a stack, and uses %s of it.", results.Bytes(s.limit), results.Bytes(int64(s.resident)))
	default:
		r.say(read.Undecidable, "The limit here is %s and not the usual 8 MiB; each thread reserves just that.", results.Bytes(s.limit))
	}
	return r
}

// readResident wants all rows on one side of the limit.
func readResident(of map[string]footprint, rows ...string) finding {
	var r finding
	under := 0
	var said []string
	for _, row := range rows {
		if of[row].perThread() < idleLimit {
			under++
		}
		said = append(said, fmt.Sprintf("%s of %s", results.Bytes(int64(of[row].perThread())), row))
	}
	r.outcome, r.sentence = confirmedIf(under > 0), "With its share of everything else an idle thread takes "+strings.Join(said, " and ")+"."
	if under > 0 && under < len(rows) {
		r.say(read.Undecidable, " That is not the same for all.")
	}
	for _, row := range rows {
		r.figures = append(r.figures, read.Figure("resident memory of an idle thread, "+row, of[row].perThread(), "bytes").
			Noted("%d threads", of[row].threads))
	}
	return r
}
