package loadgen

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// message is a line of what a client process says.
type message struct {
	Stage  string  `json:"stage,omitempty"` // connected, measuring, measured
	Live   *Live   `json:"live,omitempty"`
	Result *Result `json:"result,omitempty"`
	Error  string  `json:"error,omitempty"`
}

// start is the line that lets a client process go on that is connected, or has
// measured.
type start struct {
	Start bool `json:"start"`
}

// Serve is the life of a client process: it reads a Spec from in, runs it, and
// writes its stages and its Result to out, a line of JSON each. Between being
// connected and sending it waits for a line, so that several processes begin
// together.
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
	var mu sync.Mutex // what is live comes between the stages
	tell := func(m message) error {
		mu.Lock()
		defer mu.Unlock()
		return say.Encode(m)
	}
	stage := func(name string) error { return tell(message{Stage: name}) }
	result, err := Run(ctx, s, Stages{
		Connected: func() error {
			if err := stage("connected"); err != nil {
				return err
			}
			return lines.Decode(&start{})
		},
		Measuring: func() { stage("measuring") },
		Measured: func() {
			if stage("measured") == nil {
				lines.Decode(&start{}) // or the end of the input
			}
		},
		Live: func(l Live) { tell(message{Live: &l}) },
	})
	if err != nil {
		return tell(message{Error: err.Error()})
	}
	return tell(message{Result: result})
}

// follow hears a client process out.
func (p *Process) follow(ctx context.Context, stages Stages) (*Result, error) {
	for {
		var m message
		if err := p.Hear(&m); err != nil {
			return nil, fmt.Errorf("client process: %w", err)
		}
		switch {
		case m.Error != "":
			return nil, errors.New(m.Error)
		case m.Result != nil:
			return m.Result, nil
		case m.Stage == "connected":
			if err := stages.Connected(); err != nil {
				return nil, err
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if err := p.Tell(start{true}); err != nil {
				return nil, p.gone(err)
			}
		case m.Live != nil:
			stages.Live(*m.Live)
		case m.Stage == "measuring":
			stages.Measuring()
		case m.Stage == "measured":
			stages.Measured()
			if err := p.Tell(start{true}); err != nil {
				return nil, p.gone(err)
			}
		}
	}
}

// gone explains a failure to write to a process by its end, if that is why.
func (p *Process) gone(err error) error {
	var ended any
	if why := p.Hear(&ended); why != nil {
		err = why
	}
	return fmt.Errorf("client process: %w", err)
}
