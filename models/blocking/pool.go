package blocking

import (
	"cmp"

	"golang.org/x/sync/errgroup"

	"connbench/models"
)

// Pool serves each connection in one of a fixed number of workers, which keeps
// it to its end. Beyond the workers, clients starve: one waits accepted, the
// others in the backlog.
var Pool = models.Model{
	Name:         "pool",
	Summary:      "a bounded pool of workers, each owning a connection to its end",
	Networks:     []string{"tcp", "unix"},
	Unit:         "worker per connection",
	Blocking:     true,
	Knobs:        models.NetConnKnobs(models.KnobWorkers),
	ServesAtOnce: poolWorkers,
	Open: func(cfg models.Config) (models.Server, error) {
		var w workers
		w.SetLimit(poolWorkers(cfg))
		return openStream(cfg, &w)
	},
}

func poolWorkers(cfg models.Config) int { return cmp.Or(cfg.Workers, models.DefaultWorkers) }

// workers bounds how many connections are served at once.
type workers struct{ errgroup.Group }

// Go waits for a free worker.
func (w *workers) Go(serve func()) {
	w.Group.Go(func() error {
		serve()
		return nil
	})
}

// Wait returns when all workers are idle.
func (w *workers) Wait() { w.Group.Wait() }
