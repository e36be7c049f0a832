// Package all is the list of the models: the one place that knows every room.
package all

import (
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
