package blocking

import "connbench/models"

// Sequential serves one client after another: accept, serve to the end of the
// stream, accept the next. All others wait in the backlog.
var Sequential = models.Model{
	Name:         "sequential",
	Summary:      "one client at a time; the others wait in the backlog",
	Networks:     []string{"tcp", "unix"},
	Unit:         "none: the accepting goroutine serves",
	Blocking:     true,
	Knobs:        models.NetConnKnobs(),
	ServesAtOnce: func(models.Config) int { return 1 },
	Open:         func(cfg models.Config) (models.Server, error) { return openStream(cfg, inline{}) },
}

// inline serves before it returns, so that there is nothing to wait for.
type inline struct{}

func (inline) Go(serve func()) { serve() }
func (inline) Wait()           {}
