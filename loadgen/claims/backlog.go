package claims

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
	"time"

	"connbench/loadgen/sweep"
	"connbench/loadgen/system"
	"connbench/models/kernel"
	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"

	"golang.org/x/sync/errgroup"
)

var backlog = experiment{
	number: "4",
	title:  "what the backlog bounds",
	words: []string{
		"The backlog bounds only the queue of connections not yet accepted, never the total.",
		"A backlog of 5 is for development.",
		"A backlog of 128, or SOMAXCONN, is for production.",
	},
	method: fmt.Sprintf("A listener with a backlog of %d that accepts nothing, and %d clients: how many get connected within %v. A server with the same backlog "+
		"that accepts, and %d clients, answered one after the other and all kept: how many there are at once. Then storms of %d clients that all "+
		"connect at once, with 99 %% of them connected within so and so long; a connection that finds the queue full is tried again by the kernel after a second.",
		fewBacklog, refusedClients, refusalPatience, acceptedClients, stormClients),
	run: (*Bench).backlogs,
}

const (
	fewBacklog      = 5
	refusedClients  = 40
	refusalPatience = 500 * time.Millisecond
	acceptedClients = 1000
	stormClients    = 512
	stormProcesses  = 8
	// harmful is how many times as long as with the longest backlog a storm may take to
	// connect without that being a reason against it.
	harmful = 2
)

func (b *Bench) backlogs(ctx context.Context) ([]finding, error) {
	queued, err := queuedUnaccepted(fewBacklog, refusedClients)
	if err != nil {
		return nil, err
	}
	row, err := b.Row(ctx, "goroutine", map[string]string{"backlog": strconv.Itoa(fewBacklog)})
	if err != nil {
		return nil, err
	}
	total, err := b.heldAtOnce(ctx, row, acceptedClients)
	if err != nil {
		return nil, err
	}
	findings := []finding{readTotal(queued, total)}
	longest := somaxconn()
	rows, names, err := b.settings(ctx, "goroutine", "backlog", strconv.Itoa(fewBacklog), "128", longest)
	if err != nil {
		return findings, err
	}
	trials, err := b.Trials(ctx, b.storm(names), rows)
	if err != nil {
		return findings, err
	}
	return append(findings, readStorm(trials, names[0], names[2], true), readStorm(trials, names[1], names[2], false)), nil
}

// queuedUnaccepted is how many of n clients that connect to a listener which accepts
// nothing are connected.
func queuedUnaccepted(backlog, n int) (int, error) {
	l, err := kernel.Listen("tcp", "127.0.0.1:0", kernel.SocketOptions{Backlog: backlog, ReuseAddr: true})
	if err != nil {
		return 0, err
	}
	defer l.Close()
	conns := make([]net.Conn, n)
	var group errgroup.Group
	for i := range conns {
		group.Go(func() error {
			c, err := net.DialTimeout("tcp", l.Addr().String(), refusalPatience)
			var late net.Error
			if err != nil && !(errors.As(err, &late) && late.Timeout()) && !errors.Is(err, syscall.ECONNREFUSED) {
				return err
			}
			conns[i] = c
			return nil
		})
	}
	err = group.Wait()
	connected := 0
	for _, c := range conns {
		if c != nil {
			c.Close()
			connected++
		}
	}
	return connected, err
}

// heldAtOnce is how many of n clients a server has answered and has all at the same time.
func (b *Bench) heldAtOnce(ctx context.Context, row sweep.Row, n int) (held int, err error) {
	err = b.with(ctx, row, func(server *sweep.Server) error {
		all, err := answered(row.Network, server.Address(), n, 64)
		defer all.close()
		for i := 0; err == nil && i < len(all); i++ { // they are all still there
			err = ask(all[i], 64)
		}
		held = len(all)
		return err
	})
	return held, err
}

func readTotal(queued, total int) finding {
	return finding{
		outcome:  confirmedIf(queued < refusedClients && total >= acceptedClients),
		sentence: fmt.Sprintf("With a backlog of %d, %d connections wait unaccepted, and %d clients are served at once.", fewBacklog, queued, total),
		figures: []read.ClaimFigure{
			read.Figure("connected while nothing accepts", float64(queued), "clients").Noted("of %d; Linux takes one more than the backlog", refusedClients),
			read.Figure("served at once by a server that accepts", float64(total), "clients").Noted("of %d", acceptedClients),
		},
	}
}

// storm is many clients that connect at once, and then ask now and then.
func (b *Bench) storm(names []string) sweep.Plan {
	p := b.plan(stormClients, 64, names...)
	p.Retries, p.Warmup, p.Duration = 0, 0, sweep.Duration(100*time.Millisecond)
	p.Think, p.ClientProcesses = sweep.Duration(50*time.Millisecond), stormProcesses
	return p
}

// readStorm compares a backlog with the longest. That a short one is for development is
// confirmed where it is harmful; that another is for production where it is not.
func readStorm(trials []results.Trial, row, longest string, development bool) finding {
	of, rests := connectTimes(trials, row, longest)
	ratio := stats.RatioOf(of[row], of[longest])
	r := finding{outcome: read.Undecidable}
	for _, name := range []string{row, longest} {
		i := stats.MedianOf(of[name])
		r.figures = append(r.figures, read.Figure("99 % connected within, "+name, i.Estimate, "ns").Between(i).From(rests...))
	}
	r.ratio("as long as with the longest", ratio, rests...)
	text := results.Nanos(stats.MedianOf(of[row]).Estimate).String()
	best := results.Nanos(stats.MedianOf(of[longest]).Estimate).String()
	r.sentence = fmt.Sprintf("Of %d clients that connect at once 99 %% are connected within %s with %s, and within %s with %s.", stormClients, text, row, best, longest)
	switch harms := ratio.Ratio.Estimate > harmful; {
	case !ratio.Ratio.Bounded():
		r.sentence += " There are too few trials to tell."
	case harms && beside(ratio) <= 0:
		r.sentence += " The trials differ too much to tell."
	default:
		r.outcome = confirmedIf(harms == development)
	}
	return r
}

// connectTimes are the 99th percentiles, in ns, of the time to connect of two rows in the
// blocks where both were measured. What became of the requests afterwards does not
// count.
func connectTimes(trials []results.Trial, rows ...string) (of map[string][]float64, rests []*results.Trial) {
	blocks := map[int]map[string]*results.Trial{}
	var order []int
	for i := range trials {
		t := &trials[i]
		if t.Failure != "" || t.ConnectLatency == nil {
			continue
		}
		if blocks[t.Block] == nil {
			blocks[t.Block], order = map[string]*results.Trial{}, append(order, t.Block)
		}
		blocks[t.Block][t.Model] = t
	}
	of = map[string][]float64{}
	for _, block := range order {
		in := blocks[block]
		if in[rows[0]] == nil || in[rows[1]] == nil {
			continue
		}
		for _, row := range rows {
			of[row] = append(of[row], float64(in[row].ConnectLatency.P99))
			rests = append(rests, in[row])
		}
	}
	return of, rests
}

// somaxconn is the longest backlog that the system allows.
func somaxconn() string {
	text, _ := system.Line("/proc/sys/net/core/somaxconn")
	return cmp.Or(text, strconv.Itoa(syscall.SOMAXCONN))
}
