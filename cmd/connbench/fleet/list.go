//go:build hosts

package fleet

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"connbench/loadgen/hosts"
	"connbench/loadgen/process"
	"connbench/loadgen/system"
	"connbench/results"
	"connbench/results/document"
)

const (
	defaultWait = 30 * time.Second
	lookPause   = time.Second // between two looks who is there
)

// listed is an agent in the list.
type listed struct {
	hosts.Info
	Clock *process.Clock `json:"clock,omitempty"` // absent where it did not answer
}

// Run lists the agents.
func (l *List) Run(ctx context.Context, s Streams) error {
	f := Flags{NATS: l.NATS, HostKeys: l.HostKeys, HostListen: l.HostListen}
	if err := f.checkServer(); err != nil {
		return err
	}
	said, patience := "on each other machine", wait(l.HostWait, 0)
	if l.NATS == "" && l.HostWait == nil {
		patience = defaultWait
	}
	if patience > 0 {
		said += fmt.Sprintf(", within %v", patience)
	}
	c, err := f.open(ctx, s, nil, said)
	if err != nil {
		return err
	}
	defer c.Close()
	found, err := find(ctx, s, c, patience)
	if err != nil {
		return err
	}
	if l.JSON {
		return json.NewEncoder(s.Out).Encode(found)
	}
	d := describe(found)
	return d.Text(s.Out, s.Columns)
}

// find looks who is there until the time is over or somebody interrupts it.
func find(ctx context.Context, s Streams, c *hosts.Controller, wait time.Duration) ([]listed, error) {
	known := map[string]bool{}
	for late := time.Now().Add(wait); ; {
		looking, cancel := unasked(ctx)
		found, err := c.Hosts(looking)
		cancel()
		if err != nil {
			return nil, err
		}
		for _, info := range found {
			if !known[info.Incarnation] && wait > 0 {
				fmt.Fprintf(s.Err, "connbench: %s is there\n", info.Name)
			}
			known[info.Incarnation] = true
		}
		if ctx.Err() != nil || !time.Now().Before(late) {
			return clocked(ctx, c, found), nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(min(lookPause, time.Until(late))):
		}
	}
}

// clocked looks at the clocks of agents.
func clocked(ctx context.Context, c *hosts.Controller, found []hosts.Info) []listed {
	looking, cancel := unasked(ctx)
	defer cancel()
	all := make([]listed, len(found))
	var asking sync.WaitGroup
	for i, info := range found {
		all[i].Info = info
		asking.Go(func() {
			if clock, err := c.Clock(looking, info.Name); err == nil {
				all[i].Clock = &clock
			}
		})
	}
	asking.Wait()
	return all
}

// describe is the list for people: a table, and below it what each machine lacks.
func describe(found []listed) document.Document {
	var d document.Document
	if len(found) == 0 {
		d.Add(document.Lines("no agent answers"))
		return d
	}
	left := func(title string) document.Column { return document.Column{Title: title, Left: true} }
	t := &document.Table{Columns: []document.Column{
		left("host"), left("address"), left("CPUs"), left("kernel"), left("version"), left("clock"), left("round trip"), left("ready"), left("busy"),
	}}
	var lines []string
	names := map[string][]string{} // of the hosts, by the line
	for _, h := range found {
		since := func(past time.Time) time.Duration { return h.Now.Sub(past).Round(time.Second) } // by its clock
		clock, trip := results.Absent, results.Absent
		if h.Clock != nil {
			clock = fmt.Sprintf("%v ± %v", h.Clock.Offset.Round(time.Microsecond), h.Clock.Uncertainty.Round(time.Microsecond))
			trip = h.Clock.RoundTrip.Round(time.Microsecond).String()
		}
		ready, busy := "yes", "no"
		if n := len(h.Readiness); n > 0 {
			ready = fmt.Sprintf("%d to see to", n)
		}
		if age := since(h.Started); age >= time.Minute {
			ready += fmt.Sprintf(" %v ago", age)
		}
		if h.Busy != nil {
			busy = fmt.Sprintf("for %s since %v", h.Busy.Who, since(h.Busy.Since))
		}
		t.Texts(h.Name, h.Address, system.FormatCPUs(h.CPUs), h.Environment.Kernel, version(h.Version), clock, trip, ready, busy)
		for _, line := range h.Readiness {
			if names[line] == nil {
				lines = append(lines, line)
			}
			names[line] = append(names[line], h.Name)
		}
	}
	d.Add(document.Block{Table: t})
	if len(lines) > 0 {
		d.Add(document.Lines(results.Map(lines, func(line string) string { return strings.Join(names[line], ", ") + ": " + line })...))
	}
	return d
}

// version tells builds apart: by the commit, or, where that is not known, the program's digest.
func version(v hosts.Version) string {
	const digits = 9
	hash, changed, _ := strings.Cut(cmp.Or(v.Commit, v.Program), "+")
	if len(hash) > digits {
		hash = hash[:digits]
	}
	if changed != "" {
		return hash + "+"
	}
	return hash
}
