// Package processes serves in several processes: with a model of its own, or any other.
package processes

import (
	"os"
	"sync/atomic"

	"connbench/models"
)

const preforkName = "prefork" // that of Prefork, which what it refers to cannot ask

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
	Knobs:    models.StreamKnobs(models.KnobTrigger), // what a child honours
	Open:     openPrefork,
}

// Any model that has the knob of the number of processes is opened in several as Prefork is: each
// is the same server with a socket of its own on the same address.
func init() { models.OpenSeveral = openAs }

// childEnv holds what a child is, as JSON.
const childEnv = "CONNBENCH_CHILD"

// hooked is whether this program has asked if it is a child: one that does not
// would, started as one, do everything again, and start further ones.
var hooked atomic.Bool

// Child reports whether this process is one of several of a server. What main does then
// is os.Exit(processes.RunChild(find)), before anything else.
func Child() bool {
	hooked.Store(true)
	return os.Getenv(childEnv) != ""
}

// RunChild serves, as the model that find has of a name, until the parent says to end, or has
// ended, and returns the exit status.
func RunChild(find func(name string) (models.Model, error)) int { return runChild(find) }
