package engines

import "connbench/models"

// Gaio is the engine of proactors: reads and writes are asked for, and their results
// waited for by one goroutine for all connections. The standard library's listener
// accepts.
var Gaio = models.Model{
	Name:     "gaio",
	Summary:  "third-party: reads and writes are asked for, and a loop waits for results",
	Networks: []string{"tcp", "unix"},
	Unit:     "loop for many connections",
	Knobs:    models.StreamKnobs(models.KnobLoops),
	Engine:   "github.com/xtaci/gaio v1.2.34",
	Open:     openGaio,
}
