// Package all is the list of the models: the one place that knows every room.
package all

import (
	"fmt"
	"slices"
	"strings"

	"connbench/models"
	"connbench/models/blocking"
	"connbench/models/completion"
	"connbench/models/datagram"
	"connbench/models/processes"
	"connbench/models/readiness"
)

// Models lists the models, in the order in which they are shown.
func Models() []models.Model {
	return []models.Model{
		blocking.Sequential,
		blocking.Thread,
		blocking.ThreadNetpoll,
		blocking.Goroutine,
		blocking.GoroutineLean,
		blocking.Pool,
		readiness.PoolRequest,
		readiness.Select,
		readiness.Poll,
		readiness.Reactor,
		readiness.ReactorMulti,
		readiness.ReactorPool,
		completion.Uring,
		processes.Prefork,
		datagram.UDP,
		datagram.UDPMulti,
		datagram.UDPBatch,
	}
}

// Find returns the model of that name, or an error that lists the known ones.
func Find(name string) (models.Model, error) {
	known := Models()
	i := slices.IndexFunc(known, func(m models.Model) bool { return m.Name == name })
	if i < 0 {
		return models.Model{}, fmt.Errorf("unknown model %q (known: %s)", name, strings.Join(models.Names(known), ", "))
	}
	return known[i], nil
}
