package blocking

import (
	"sync"

	"connbench/models"
)

// Goroutine serves each connection in a goroutine of its own, which the runtime
// parks on its poller: what nearly every Go server does.
var Goroutine = models.Model{
	Name:     "goroutine",
	Summary:  "a goroutine per connection on the runtime's poller",
	Networks: []string{"tcp", "unix"},
	Unit:     "goroutine per connection",
	Blocking: true,
	Knobs:    models.NetConnKnobs(),
	Open:     func(cfg models.Config) (models.Server, error) { return openStream(cfg, new(sync.WaitGroup)) },
}
