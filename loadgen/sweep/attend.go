package sweep

import (
	"context"
	"errors"
	"fmt"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/process"
	"connbench/loadgen/sample"
	"connbench/loadgen/system"
	"connbench/results"
)

// attendant starts, watches and ends the server of a drive, on the host that it is on.
type attendant interface {
	// attend does what it is asked. The asks of a drive come in this order: the beginning, the
	// stages of the load, that it is over, the end; and a kill, at any time and in the end.
	attend(ctx context.Context, a *ask) (*reply, error)
}

// ask is one thing that an attendant is to do. It travels as a line of JSON to one on another host.
type ask struct {
	ID int `json:"id,omitempty"` // of one that travels; the answer has it too

	Lineup *Plan         `json:"lineup,omitempty"` // say which rows of the plan can be there
	Begin  *beginning    `json:"begin,omitempty"`  // start a server and say where it listens
	Stage  loadgen.Stage `json:"stage,omitempty"`  // see to a stage of the load
	Over   *ending       `json:"over,omitempty"`   // say whether the server has outlived the load
	Stop   *stopping     `json:"stop,omitempty"`   // end the server and fill in the trial
	Kill   bool          `json:"kill,omitempty"`   // end the server, if there is one
}

type beginning struct {
	Row     Row           `json:"-"`     // where that is known; else it is made there by the order
	Order   *Order        `json:"order"` // of another host
	Spec    loadgen.Spec  `json:"spec"`
	Depth   sample.Depth  `json:"depth"`
	Timeout time.Duration `json:"timeout"` // to say its address
	Clients []int         `json:"-"`       // the client processes on this host
}

// Order is a row as another host can make it: a model of a plan.
type Order struct {
	Plan  Plan   `json:"plan"`
	Model string `json:"model"`
}

type ending struct {
	Failed bool `json:"failed"` // which may be because the server has ended
}

type stopping struct {
	Grace  time.Duration   `json:"grace"` // for the server to end when it is asked to
	Trial  results.Trial   `json:"trial"` // as the clients know it
	Result *loadgen.Result `json:"result"`
}

type reply struct {
	ID      int            `json:"id,omitempty"`
	Error   string         `json:"error,omitempty"`
	Usage   bool           `json:"usage,omitempty"` // it is one that the caller can put right
	Lineup  *Lineup        `json:"lineup,omitempty"`
	Address string         `json:"address,omitempty"`
	PIDs    []int          `json:"pids,omitempty"` // of the server, when the clients are connected
	Trial   *results.Trial `json:"trial,omitempty"`
}

// here is an attendant on this host. It may attend one server after the other.
type here struct {
	placement     system.Placement
	before, after func(*Server) error // may be nil; see [Drive]

	row    Row
	server *Server
	watch  *sample.Watch
}

func (h *here) attend(ctx context.Context, a *ask) (*reply, error) {
	switch {
	case a.Begin != nil:
		return h.begin(ctx, a.Begin)
	case h.server == nil && a.Stop != nil:
		return nil, errors.New("there is no server to stop")
	case h.server == nil: // there is nothing to do
		return &reply{}, nil
	case a.Stage != "":
		return &reply{PIDs: h.watch.See(a.Stage)}, nil
	case a.Over != nil:
		return &reply{}, h.over(a.Over.Failed)
	case a.Stop != nil:
		return h.stop(a.Stop)
	case a.Kill:
		h.server.Kill()
		h.watch.End()
	}
	return &reply{}, nil
}

func (h *here) begin(ctx context.Context, b *beginning) (*reply, error) {
	h.row = b.Row.under(&b.Spec)
	server, err := startServer(ctx, h.row, h.placement.Server, b.Timeout)
	if err != nil {
		return nil, err
	}
	if err := server.shown(h.before); err != nil {
		server.Kill()
		return nil, err
	}
	h.server = server
	spec := b.Spec
	spec.Network, spec.Address = h.row.Network, server.address
	h.watch = sample.Begin(server, b.Clients, h.placement, spec, b.Depth)
	return &reply{Address: server.address}, nil
}

// deathNotice is how long the death of a server may take to show after a client
// has failed because of it.
const deathNotice = 200 * time.Millisecond

// over is what went wrong under a load that is over: with asking the server, or with the server
// itself.
func (h *here) over(failed bool) error {
	if asking := h.watch.End(); asking != nil {
		return fmt.Errorf("server %s: %w", h.row.Name, asking)
	}
	wait := time.Duration(0)
	if failed {
		wait = deathNotice
	}
	if death := h.server.death(wait); death != nil {
		return fmt.Errorf("server %s: it did not live through the trial: %w", h.row.Name, death)
	}
	return nil
}

// stop ends the server, and fills in what was seen of it. That it had to be killed is in the trial.
func (h *here) stop(s *stopping) (*reply, error) {
	if err := h.server.shown(h.after); err != nil {
		return nil, err
	}
	counters, err := h.server.stop(s.Grace)
	killed := errors.Is(err, process.ErrKilled)
	if err != nil && !killed {
		return nil, fmt.Errorf("server %s: %w", h.row.Name, err)
	}
	t := s.Trial
	h.watch.Fill(&t, s.Result, counters)
	if killed {
		t.ServerKilledAfterNS = int64(s.Grace)
	}
	return &reply{Trial: &t}, nil
}
