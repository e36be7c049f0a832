package hosts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"connbench/loadgen/process"
	"connbench/results"

	"github.com/nats-io/nats.go"
)

// Claim waits for the agents named, no longer than wait, and leases them all to this
// controller, or none. Errors name the host and say what to do.
func (c *Controller) Claim(ctx context.Context, names []string, wait time.Duration) ([]*Host, error) {
	if err := c.unclaimed(names); err != nil {
		return nil, err
	}
	claimed, errs := make([]*Host, len(names)), make([]error, len(names))
	var claiming sync.WaitGroup
	for i, name := range names {
		claiming.Go(func() { claimed[i], errs[i] = c.claim(ctx, name, wait) })
	}
	claiming.Wait()
	if err := errors.Join(errs...); err != nil {
		for _, h := range claimed {
			if h != nil {
				h.release()
			}
		}
		return nil, err
	}
	return claimed, nil
}

// unclaimed reports a name that is there twice, or that this controller has already.
func (c *Controller) unclaimed(names []string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, name := range names {
		if slices.Contains(names[:i], name) || slices.ContainsFunc(c.claimed, func(h *Host) bool { return h.name == name }) {
			return fmt.Errorf("host %s is claimed already", name)
		}
	}
	return nil
}

// claim claims an agent as soon as it answers.
func (c *Controller) claim(ctx context.Context, name string, wait time.Duration) (*Host, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	h := &Host{c: c, name: name, processes: map[int]*remote{}}
	late, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	err := h.claimUntil(ctx, late, func(r *refusedError) bool { return r.absent })
	var refused *refusedError
	switch {
	case err == nil:
		return h, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &refused) && refused.absent:
		return nil, &refusedError{host: name, reason: c.missing(ctx, name, wait)}
	}
	return nil, err
}

const claimPause = 200 * time.Millisecond

// claimUntil claims the agent, however often that takes while it is refused for what may be otherwise
// later, up to the end of late.
func (h *Host) claimUntil(ctx, late context.Context, later func(*refusedError) bool) error {
	for {
		err := h.claim(ctx)
		var refused *refusedError
		if !errors.As(err, &refused) || !later(refused) {
			return err
		}
		select {
		case <-late.Done():
			return fmt.Errorf("%w: %w", err, late.Err())
		case <-time.After(claimPause):
		}
	}
}

// silent is the error of a host whose agent does not answer, or not as it should.
func (h *Host) silent(err error) error {
	absent := errors.Is(err, nats.ErrNoResponders) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrTimeout)
	return &refusedError{host: h.name, reason: fmt.Sprintf("its agent does not answer (%v)", err), again: true, absent: absent}
}

// missing says of an agent that does not answer who does, and how to start it.
func (c *Controller) missing(ctx context.Context, name string, wait time.Duration) string {
	there := "no agent does"
	if found, err := c.Hosts(ctx); err == nil && len(found) > 0 {
		there = strings.Join(results.Map(found, func(info Info) string { return info.Name }), ", ") + " did"
	}
	start := "connbench agent --name " + name
	for _, line := range c.Invitation() {
		line = strings.Replace(line, " --name NAME", " --name "+name, 1)
		if strings.HasSuffix(line, " --name "+name) {
			start = line
		}
	}
	return fmt.Sprintf("its agent did not answer within %v (%s); start it there: %s", wait, there, start)
}

func (c *Controller) infoOf(ctx context.Context, name string) (Info, error) {
	limited, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	m, err := c.conn.RequestWithContext(limited, toAgent(name, askInfo), nil)
	if err != nil {
		return Info{}, err
	}
	info, err := readInfo(m.Data)
	if err == nil && info.Name != name {
		err = fmt.Errorf("it calls itself %s", info.Name)
	}
	return info, err
}

// claim leases the agent, and ships this connbench if it needs that and may have it.
func (h *Host) claim(ctx context.Context) error {
	info, err := h.c.infoOf(ctx, h.name)
	if err != nil {
		return h.silent(err)
	}
	differs, shippable := info.Version.differs(h.c.version)
	ships := differs != "" && shippable && info.AllowUpdate && h.c.options.Program != ""
	switch {
	case differs == "" || ships:
	case shippable:
		return &refusedError{host: h.name, reason: differs + ": install this one there, or start its agent with --allow-update"}
	case info.Version.Protocol == Protocol:
		return &refusedError{host: h.name, reason: fmt.Sprintf("%s, and for %s/%s: install there what was built from this commit", differs, info.Version.OS, info.Version.Arch)}
	default:
		return &refusedError{host: h.name, reason: differs}
	}
	limited, cancel := context.WithTimeout(ctx, requestTimeout+2*leaseGrace)
	defer cancel()
	var got claimed
	err = h.c.ask(limited, h.name, askClaim, claim{h.c.id, h.c.who, Protocol}, &got)
	switch {
	case err != nil:
		return h.silent(err)
	case got.Busy != nil:
		return &refusedError{host: h.name, again: true, reason: fmt.Sprintf("busy for %s since %s: wait for that, or end it there",
			process.Plain(got.Busy.Who), got.Busy.Since.Local().Format(time.DateTime))}
	case got.Error != "" || !validName.MatchString(got.Lease):
		return &refusedError{host: h.name, reason: process.Plain(got.Error)}
	}
	if err := h.adopt(info, got.Lease); err != nil {
		return err
	}
	if ships {
		if err := h.ship(ctx); err != nil {
			h.release()
			return err
		}
	}
	return nil
}

// ship sends this connbench, and the engines' if it is there, to an agent for the time of
// the lease.
func (h *Host) ship(ctx context.Context) error {
	dir := filepath.Dir(h.c.options.Program)
	for i, name := range programNames {
		path := filepath.Join(dir, name)
		if i == 0 {
			path = h.c.options.Program
		}
		f, err := os.Open(path)
		if errors.Is(err, os.ErrNotExist) && i > 0 {
			continue // as where the engines were not built
		}
		if err != nil {
			return err
		}
		err = h.shipFile(ctx, name, f)
		f.Close()
		if err != nil {
			return &refusedError{host: h.name, reason: fmt.Sprintf("%s could not be shipped: %v", name, err)}
		}
	}
	return nil
}

func (h *Host) shipFile(ctx context.Context, name string, f *os.File) error {
	limited, cancel := context.WithTimeout(ctx, 2*objectTimeout)
	defer cancel()
	stored, err := h.c.objects.put(limited, bucketOf(h.name), h.lease+"."+name, f)
	if err != nil {
		return err
	}
	var a answer
	if err := h.c.ask(limited, h.name, askProgram, program{h.lease, name, *stored}, &a); err != nil {
		return err
	}
	if a.Error != "" {
		return errors.New(process.Plain(a.Error))
	}
	return nil
}
