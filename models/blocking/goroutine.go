package models

import "sync"

// Goroutine serves each connection in a goroutine of its own, which the runtime
// parks on its poller: what nearly every Go server does.
var Goroutine = Model{
	Name:     "goroutine",
	Summary:  "a goroutine per connection on the runtime's poller",
	Networks: []string{"tcp", "unix"},
	Unit:     "goroutine per connection",
	Blocking: true,
	Knobs:    netConnKnobs,
	Open:     func(cfg Config) (Server, error) { return openStream(cfg, new(sync.WaitGroup)) },
}
