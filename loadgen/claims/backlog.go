package claims

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"slices"
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
		"A backlog of 128 is for production.",
		"A backlog of SOMAXCONN is for production.",
	},
	method: fmt.Sprintf("A listener with a backlog of %d that accepts nothing, and %d clients: how many get connected within %v. A server with the same backlog "+
		"that accepts, and %d clients, answered one after the other and all kept: how many there are at once. Then storms of %d clients that all "+
		"connect at once, with 99 %% of them connected within so and so long; a connection that finds the queue full is tried again by the kernel after a second. "+
		"Backlogs are compared as tune does.",
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
	stormRepeats    = 3 // of each trial of another experiment: a storm has a full queue or has not
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
	longest, _ := system.Line("/proc/sys/net/core/somaxconn")
	rows, names, err := b.settings(ctx, "goroutine", "backlog", strconv.Itoa(fewBacklog), "128", cmp.Or(longest, strconv.Itoa(syscall.SOMAXCONN)))
	if err != nil {
		return findings, err
	}
	trials, err := b.Trials(ctx, b.storm(names), rows)
	if err != nil {
		return findings, err
	}
	return append(findings, readStorms(trials, names[0], names[1], names[2])...), nil
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
	note := "of %d; Linux takes one more than the backlog"
	if queued > fewBacklog+1 {
		note += ", and a client whose handshake is under way when the queue fills is connected too, as far as it knows"
	}
	return finding{
		outcome:  confirmedIf(queued < refusedClients && total >= acceptedClients),
		sentence: fmt.Sprintf("With a backlog of %d, %d connections wait unaccepted, and %d clients are served at once.", fewBacklog, queued, total),
		figures: []read.ClaimFigure{
			read.Figure("connected while nothing accepts", float64(queued), "clients").Noted(note, refusedClients),
			read.Figure("served at once by a server that accepts", float64(total), "clients").Noted("of %d", acceptedClients),
		},
	}
}

// storm is many clients that connect at once, and then ask now and then.
func (b *Bench) storm(names []string) sweep.Plan {
	p := b.plan(stormClients, 64, names...)
	p.Trials *= stormRepeats
	p.Retries, p.Warmup, p.Duration = 0, 0, sweep.Duration(100*time.Millisecond)
	p.Think, p.ClientProcesses = sweep.Duration(50*time.Millisecond), stormProcesses
	return p
}

// readStorms compares each backlog with the longest, as tune does: by a model on logarithms that
// pools over rows how much storms differ, since one in which nobody waits and one in which many wait
// a second differ by a factor of thousands. That a short one is for development is confirmed where
// it is harmful; that another is for production where it is not. The longest is so by itself, where
// nobody has waited.
func readStorms(trials []results.Trial, short, usual, longest string) []finding {
	settings := results.Map([]string{short, usual, longest}, func(row string) read.Setting { return read.Setting{Row: row} })
	tuning := read.Tune(read.Tuned{Knob: "backlog", Metric: results.ConnectP99.Name, Kind: read.StormTune, Settings: settings}, trials)
	var all []finding
	for _, row := range []string{short, usual} {
		e := stats.Effect{Ratio: stats.Unbounded(math.NaN())}
		if len(tuning.Points) > 0 {
			if effect, known := tuning.Points[0].Effect(row, longest); known {
				e = effect
			}
		}
		all = append(all, readStorm(trials, row, longest, row == short, e))
	}
	return append(all, readLongest(trials, longest))
}

func readStorm(trials []results.Trial, row, longest string, development bool, e stats.Effect) finding {
	var r finding
	waits, of := r.waits(trials, row)
	others, ofOthers := r.waits(trials, longest)
	_, rests := connectTimes(trials, row, longest)
	r.ratio("as long as with the longest", e, rests...)
	r.sentence = fmt.Sprintf("Of %d clients that connect at once more than 1 %% wait a second in %d of %d storms with %s, and in %d of %d with %s.",
		stormClients, waits, of, row, others, ofOthers, longest)
	switch ratio := e.Ratio; {
	case ratio.Bounded() && ratio.Low > 1 && ratio.Estimate > harmful && moreOften(waits, of, others, ofOthers):
		r.outcome = confirmedIf(development)
	case !ratio.Bounded() || min(of, ofOthers) < fewStorms:
		r.say(read.Undecidable, " There are too few trials to tell.")
	case ratio.High < harmful && waits == 0:
		r.outcome = confirmedIf(!development)
	default:
		r.say(read.Undecidable, " That does not tell: to connect takes %s times as long.", ratio.Bounds(results.Times))
	}
	return r
}

func readLongest(trials []results.Trial, longest string) finding {
	var r finding
	waits, of := r.waits(trials, longest)
	r.sentence = fmt.Sprintf("Of %d clients that connect at once more than 1 %% wait a second in %d of %d storms with %s.", stormClients, waits, of, longest)
	switch {
	case of < fewStorms:
		r.say(read.Undecidable, " There are too few trials to tell.")
	case waits == 0:
		r.outcome = read.Confirmed
	case 2*waits > of:
		r.outcome = read.Refuted
	default:
		r.say(read.Undecidable, " It is not the same for all.")
	}
	return r
}

// fewStorms are enough to say how often somebody waits: who does in half of them is told from who
// never does, and who does in a fifth is seen in 93 of 100 runs.
const fewStorms = 12

// retried is from when on a connection has been tried again: the kernel does so after a second.
const retried = 500 * time.Millisecond

// waits adds figures of a row's storms, and returns in how many of them more than 1 % of the clients
// were tried again.
func (r *finding) waits(trials []results.Trial, row string) (waits, of int) {
	times, rests := connectTimes(trials, row)
	for _, ns := range times {
		if ns >= float64(retried) {
			waits++
		}
	}
	if of = len(times); of > 0 {
		i := stats.MedianInterval(times)
		r.figures = append(r.figures,
			read.Figure("storms in which more than 1 % wait a second, "+row, float64(waits), "storms").Noted("of %d", of).From(rests...),
			read.Figure("99 % connected within, "+row, i.Estimate, "ns").Between(i).From(rests...))
	}
	return waits, of
}

// connectTimes are the 99th percentiles, in ns, of the time to connect to rows. What became of the
// requests afterwards does not count.
func connectTimes(trials []results.Trial, rows ...string) (times []float64, rests []*results.Trial) {
	for i := range trials {
		if t := &trials[i]; slices.Contains(rows, t.Model) && t.Failure == "" && t.ConnectLatency != nil {
			times, rests = append(times, float64(t.ConnectLatency.P99)), append(rests, t)
		}
	}
	return times, rests
}
