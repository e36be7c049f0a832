package loadgen

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"connbench/loadgen/process"
)

type word struct {
	Stage  Stage   `json:"stage,omitempty"`
	More   *int    `json:"more,omitempty"` // clients that are connected since the last time
	Live   *Live   `json:"live,omitempty"`
	Result *Result `json:"result,omitempty"`
	Error  string  `json:"error,omitempty"`
}

type command struct {
	Start     bool           `json:"start,omitempty"`     // go on, being connected or finished
	At        *time.Duration `json:"at,omitempty"`        // with that: when, by this host's monotonic clock; at once without
	Servers   []int          `json:"servers,omitempty"`   // with that, see [Stages]
	Interrupt bool           `json:"interrupt,omitempty"` // see [Stages]
}

// commands reads what a client process is told until there is no more, which ends ctx:
// whoever would want the result is gone.
func commands(ctx context.Context, cancel func(), lines *json.Decoder) (start chan command, interrupt chan struct{}) {
	start, interrupt = make(chan command), make(chan struct{})
	go func() {
		defer cancel()
		for interrupted := false; ; {
			var c command
			if lines.Decode(&c) != nil {
				return
			}
			switch {
			case c.Start:
				select {
				case start <- c:
				case <-ctx.Done():
				}
			case c.Interrupt && !interrupted:
				interrupted = true
				close(interrupt)
			}
		}
	}()
	return start, interrupt
}

// Serve is the life of a client process: it reads a Spec from in, runs it, and
// writes its stages and its Result to out, a line of JSON each. Between being
// connected and sending it waits for a line, so that several processes begin
// together. When in ends it gives up.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines, say := json.NewDecoder(in), json.NewEncoder(out)
	var s Spec
	if err := lines.Decode(&s); err != nil {
		return fmt.Errorf("spec: %w", err)
	}
	if err := s.Validate(); err != nil {
		return err
	}
	start, interrupt := commands(ctx, cancel, lines)
	var servers []int
	var late *time.Duration // beginning, after the instant that was told
	await := func() error {
		select {
		case told := <-start:
			if told.Servers != nil {
				servers = told.Servers
			}
			if told.At != nil {
				by := process.SleepUntil(*told.At)
				late = &by
			}
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	var mu sync.Mutex // what is live comes between the stages
	tell := func(m word) error {
		mu.Lock()
		defer mu.Unlock()
		return say.Encode(m)
	}
	told := 0
	result, err := Run(ctx, s, Stages{
		Connecting: func(connected int) {
			more := connected - told
			tell(word{More: &more})
			told = connected
		},
		Reached: func(stage Stage) error {
			if err := tell(word{Stage: stage}); err != nil || !stage.holds() {
				return err
			}
			return await()
		},
		Servers:   func() []int { return servers },
		Live:      func(l Live) { tell(word{Live: &l}) },
		Interrupt: interrupt,
	})
	if err != nil {
		return tell(word{Error: err.Error()})
	}
	result.StartLate = late
	return tell(word{Result: result})
}

// follow goes through the stages of the load of a client process, which begins when start says.
func follow(ctx context.Context, p Client, stages Stages, start func(Client) *time.Duration) (*Result, error) {
	for {
		var m word
		if err := p.Hear(&m); err != nil {
			return nil, fmt.Errorf("client process: %w", err)
		}
		switch {
		case m.Error != "":
			return nil, errors.New(process.Plain(m.Error))
		case m.Result != nil:
			return m.Result, nil
		case m.Stage != "":
			if err := stages.Reached(m.Stage); err != nil {
				return nil, err
			}
			if !m.Stage.holds() {
				continue
			}
			on := command{Start: true}
			if m.Stage == StageConnected {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				if on.At = start(p); stages.Servers != nil {
					on.Servers = stages.Servers()
				}
			}
			if err := p.Tell(on); err != nil {
				return nil, gone(p, err)
			}
		case m.More != nil:
			stages.Connecting(*m.More)
		case m.Live != nil:
			stages.Live(*m.Live)
		}
	}
}

func gone(p process.Peer, err error) error {
	var ended any
	if why := p.Hear(&ended); why != nil {
		err = why
	}
	return fmt.Errorf("client process: %w", err)
}
