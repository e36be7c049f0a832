package hosts

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"connbench/loadgen/process"
)

// clockTries is how many round trips a clock is looked at, of which the fastest counts.
const clockTries = 32

// Clock looks at the host's clock. The fastest of many round trips bounds the offset best
// (Cristian, Probabilistic clock synchronization, 1989). A host that does not answer is lost.
func (h *Host) Clock(ctx context.Context) (process.Clock, error) {
	c, err := h.c.Clock(ctx, h.name)
	if err == nil || ctx.Err() != nil {
		return c, err
	}
	h.lose(fmt.Sprintf("its agent did not answer when its clock was asked for (%v)", err))
	h.mu.Lock()
	defer h.mu.Unlock()
	return c, h.lost
}

// Clock looks at the clock of an agent, claimed or not.
func (c *Controller) Clock(ctx context.Context, name string) (process.Clock, error) {
	var best process.Clock
	for range clockTries {
		limited, cancel := context.WithTimeout(ctx, requestTimeout)
		sent := process.Monotonic()
		m, err := c.conn.RequestWithContext(limited, clockOf(name), nil)
		came := process.Monotonic()
		cancel()
		if err != nil {
			return process.Clock{}, err
		}
		theirs, err := strconv.ParseInt(string(m.Data), 10, 64)
		if err != nil || theirs < 0 {
			return process.Clock{}, errors.New("an answer that is no time")
		}
		if trip := came - sent; best.RoundTrip == 0 || trip < best.RoundTrip {
			best = process.Clock{Offset: time.Duration(theirs) - sent - trip/2, Uncertainty: (trip + 1) / 2, RoundTrip: trip}
		}
	}
	return best, nil
}
