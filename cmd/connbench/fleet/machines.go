//go:build hosts

package fleet

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/hosts"
	"connbench/loadgen/process"
	"connbench/loadgen/sweep"
	"connbench/loadgen/system"
	"connbench/results"
)

const defaultHostWait = time.Minute

// wait is what a flag says, or its default.
func wait(given *time.Duration, by time.Duration) time.Duration {
	if given != nil {
		return *given
	}
	return by
}

// Team claims the machines of the flags, nil where they name none. Where served, one of them has the
// servers.
func (f *Flags) Team(ctx context.Context, s Streams, served bool) (*Team, error) {
	r, err := f.roles(served)
	if err != nil || f.Hosts == "" {
		return nil, err
	}
	patience := wait(f.HostWait, defaultHostWait)
	c, err := f.open(ctx, s, r.names(), fmt.Sprintf("waiting up to %v for %s; on those that have no agent yet", patience, strings.Join(r.names(), ", ")))
	if err != nil {
		return nil, err
	}
	claimed, err := c.Claim(ctx, r.names(), patience)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	t := &Team{close: c.Close, Team: sweep.Team{Server: r.server}}
	m := &machines{wait: patience, all: claimed, clients: claimed[len(claimed)-len(r.clients):]}
	if served {
		m.server = claimed[0]
	}
	t.Hosts = m
	for _, h := range claimed {
		member, err := describeHost(ctx, h, h == m.server)
		if err != nil {
			return nil, errors.Join(err, c.Close())
		}
		t.Members = append(t.Members, member)
	}
	return t, nil
}

// open opens a controller. With a server of its own, whose keys of this session are for those agents, or all,
// it says what to run on other machines.
func (f *Flags) open(ctx context.Context, s Streams, agents []string, said string) (*hosts.Controller, error) {
	program, err := Program()
	if err != nil {
		return nil, err
	}
	c, err := hosts.Open(ctx, hosts.Options{
		NATS: f.NATS, Keys: f.HostKeys, Listen: f.HostListen, Agents: agents, Program: program,
		Commit: system.Describe(nil, system.Placement{}).Commit,
	})
	if err != nil || f.NATS != "" {
		return c, err
	}
	fmt.Fprintf(s.Err, "connbench: %s:\n", said)
	for _, line := range c.Invitation() {
		fmt.Fprintf(s.Err, "    %s\n", line)
	}
	return c, nil
}

// describeHost is how a claimed host is reached, and what it is.
func describeHost(ctx context.Context, h *hosts.Host, server bool) (results.Member, error) {
	info := h.Info()
	clock, err := h.Clock(ctx)
	m := results.Member{
		Name: info.Name, Role: results.ClientRole, Address: info.Address, RoundTripNS: results.Nanos(clock.RoundTrip), Environment: info.Environment,
	}
	if server {
		m.Role = results.ServerRole
	}
	for _, i := range info.Interfaces {
		for _, address := range i.Addresses {
			if address == info.Address {
				m.Interface, m.MTU, m.LinkMbps = i.Name, i.MTU, i.SpeedMbit
			}
		}
	}
	return m, err
}

// machines are claimed hosts as a sweep sees them.
type machines struct {
	wait    time.Duration
	all     []*hosts.Host
	server  *hosts.Host // nil where there is none
	clients []*hosts.Host
}

// Clients starts processes on each host in turn: one, or as many more as its limit of open files
// asks for. Each host's clock is looked at just before.
func (m *machines) Clients(ctx context.Context, s *loadgen.Spec) (loadgen.Clients, error) {
	used := m.clients[:min(len(m.clients), s.Clients)]
	clocks, errs := make([]process.Clock, len(used)), make([]error, len(used))
	var looking sync.WaitGroup
	for i, h := range used {
		looking.Go(func() { clocks[i], errs[i] = h.Clock(ctx) })
	}
	looking.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	var clients loadgen.Clients
	for n := range m.processes(used, s) {
		h := used[n%len(used)]
		p, err := h.Start(ctx, "client")
		if err != nil {
			clients.Stop(0)
			return nil, err
		}
		clients = append(clients, loadgen.Client{Peer: p, Host: h.Info().Name, Clock: clocks[n%len(used)]})
	}
	return clients, nil
}

// processes is how many client processes a load has on these hosts: as many on each.
func (m *machines) processes(used []*hosts.Host, s *loadgen.Spec) int {
	each, host := 1, (s.Clients+len(used)-1)/len(used)
	for _, h := range used {
		if room := int(h.Info().Environment.OpenFiles) - results.SpareDescriptors; room > 0 {
			each = max(each, (host+room-1)/room)
		}
	}
	return min(s.Clients, len(used)*max(each, s.Parts/len(used)))
}

// Attendant starts one on the server's host.
func (m *machines) Attendant(ctx context.Context) (process.Peer, error) {
	return m.server.Start(ctx, "attend")
}

// Await waits until all hosts are there.
func (m *machines) Await(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, m.wait)
	defer cancel()
	for _, h := range m.all {
		if err := h.Await(limited); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("host %s has not come back within %v: %w", h.Info().Name, m.wait, err)
		}
	}
	return nil
}
