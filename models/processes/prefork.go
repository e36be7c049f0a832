// Package processes has the model that shares connections out among processes.
package processes

import (
	"os"
	"sync/atomic"

	"connbench/models"
)

// Prefork serves in several processes, each a loop of epoll of its own with a
// listening socket of its own: the kernel spreads the connections over them by a hash
// of their addresses (SO_REUSEPORT). The processes share nothing, the limit of open
// descriptors not either.
//
// The processes are started by Open, run the executable of this one, and end with its
// Shutdown or with it. The main function calls [Child] first.
var Prefork = models.Model{
	Name:     "prefork",
	Summary:  "several processes on SO_REUSEPORT, each with one epoll loop",
	Networks: []string{"tcp"},
	Unit:     "process for many connections",
	Blocking: false,
	Knobs:    models.StreamKnobs(models.KnobTrigger, models.KnobProcesses), // what a child honours
	Open:     openPrefork,
}

// preforkEnv holds the Config of a child, as JSON.
const preforkEnv = "CONNBENCH_PREFORK"

// hooked is whether this program has asked if it is a child: one that does not
// would, started as one, do everything again, and start further ones.
var hooked atomic.Bool

// Child reports whether this process is one of a [Prefork] server. What main does then
// is os.Exit(processes.RunChild()), before anything else.
func Child() bool {
	hooked.Store(true)
	return os.Getenv(preforkEnv) != ""
}

// RunChild serves until the parent says to end, or has ended, and returns the exit status.
func RunChild() int { return runPreforkChild() }
