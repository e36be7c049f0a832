package readiness

import "connbench/models"

// Select is [Reactor] on select(2), as servers were written first: each look at the
// connections costs as much as there are, and there can be no more than fit in its
// sets of 1,024 descriptors. Beyond selectAtOnce connections none is accepted until one
// ends, which is counted as a backoff; the others wait in the backlog.
//
// A connection whose descriptor has a number that does not fit all the same, in a
// process that has opened many others, is closed at once and counted as failed.
var Select = selectModel(selectAtOnce)

// selectAtOnce leaves 16 descriptors to the process.
const selectAtOnce = 1024 - 16

func selectModel(atOnce int) models.Model {
	return models.Model{
		Name:         "select",
		Summary:      "one loop on select(2), for up to 1,008 connections",
		Networks:     []string{"tcp", "unix"},
		Unit:         "loop for all connections",
		Blocking:     false,
		Knobs:        models.StreamKnobs(),
		ServesAtOnce: func(models.Config) int { return atOnce },
		Open:         func(cfg models.Config) (models.Server, error) { return openSelect(cfg, atOnce) },
	}
}
