package sweep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"connbench/loadgen"
	"connbench/loadgen/system"
	"connbench/results"
)

// Lineup is which rows of a plan a host can make, as it says to another one.
type Lineup struct {
	Models      []string            `json:"models"` // in order
	Exec        []string            `json:"exec,omitempty"`
	Rows        map[string]Row      `json:"-"`        // by model
	Networks    map[string]string   `json:"networks"` // of the rows, by model
	Left        [][2]string         `json:"left,omitempty"`
	Environment results.Environment `json:"environment"`
}

// Attending is what [Attend] needs to know of its host.
type Attending struct {
	// Rows makes the rows of a plan, as far as there are any. Usage reports whether its errors are
	// such that the caller can put right.
	Rows  func(ctx context.Context, plan *Plan) (*Lineup, error)
	Usage func(error) bool
	CPUs  []int // for servers
}

// Attend is the life of a process that attends the servers of another host's drives: it reads what
// it is asked from in, a line of JSON each, and writes an answer to each to out. When in ends it ends
// what it has started.
func Attend(ctx context.Context, in io.Reader, out io.Writer, a Attending) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &serving{Attending: a, here: here{placement: system.Placement{Server: a.CPUs, Apart: true}}, made: map[string]*Lineup{}}
	defer s.here.attend(ctx, &ask{Kill: true})
	asked, gone := make(chan ask), make(chan error, 1)
	go func() {
		defer cancel() // nobody is there to start a server for
		for lines := json.NewDecoder(in); ; {
			var next ask
			if err := lines.Decode(&next); err != nil {
				gone <- err
				return
			}
			select {
			case asked <- next:
			case <-ctx.Done():
				return
			}
		}
	}()
	say := json.NewEncoder(out)
	for {
		select {
		case next := <-asked:
			if err := say.Encode(s.answer(ctx, &next)); err != nil {
				return err
			}
		case <-ctx.Done():
			select {
			case err := <-gone:
				if !errors.Is(err, io.EOF) {
					return fmt.Errorf("standard input: %w", err)
				}
			default:
			}
			return nil
		}
	}
}

// serving is an attendant that others ask.
type serving struct {
	Attending
	here
	made   map[string]*Lineup // by the plan
	strain system.Refusals    // of the control groups, when the last server began
}

func (s *serving) answer(ctx context.Context, a *ask) *reply {
	answer, err := s.do(ctx, a)
	if err != nil {
		answer = &reply{Error: err.Error(), Usage: s.Usage != nil && s.Usage(err)}
	}
	answer.ID = a.ID
	return answer
}

func (s *serving) do(ctx context.Context, a *ask) (*reply, error) {
	groups := system.Cgroups{}
	switch {
	case a.Lineup != nil:
		made, err := s.lineup(ctx, a.Lineup)
		return &reply{Lineup: made}, err
	case a.Begin != nil:
		if a.Begin.Order == nil {
			return nil, errors.New("an order of the row is missing")
		}
		made, err := s.lineup(ctx, &a.Begin.Order.Plan)
		if err != nil {
			return nil, err
		}
		row, there := made.Rows[a.Begin.Order.Model]
		if !there {
			return nil, fmt.Errorf("model %s: there is no such row here", a.Begin.Order.Model)
		}
		a.Begin.Row = row
		s.here.attend(ctx, &ask{Kill: true}) // of a trial that was given up
		s.server, s.strain = nil, groups.Strain()
	case a.Stop != nil && a.Stop.Result == nil:
		a.Stop.Result = loadgen.NoResult()
	}
	answer, err := s.attend(ctx, a)
	if err != nil {
		return nil, killed(err, groups.Since(s.strain))
	}
	if answer.Trial != nil {
		answer.Trial.Strain = groups.Since(s.strain)
	}
	return answer, nil
}

// lineup is the rows of a plan, which are made once.
func (s *serving) lineup(ctx context.Context, plan *Plan) (*Lineup, error) {
	key, err := json.Marshal(plan)
	if err != nil {
		return nil, err
	}
	if made := s.made[string(key)]; made != nil {
		return made, nil
	}
	made, err := s.Rows(ctx, plan)
	if err != nil {
		return nil, err
	}
	made.Networks = map[string]string{}
	for name, row := range made.Rows {
		made.Networks[name] = row.Network
	}
	s.made[string(key)] = made
	return made, nil
}
