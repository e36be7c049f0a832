package flame

import (
	"slices"

	"connbench/results/read"
)

// kind is whose code a function is, as it is drawn.
type kind struct{ class, name string }

var kinds = [...]kind{
	read.OwnCode:     {"own", "the server's own"},
	read.RuntimeCode: {"runtime", "language runtime"},
	read.LibraryCode: {"library", "libraries"},
	read.KernelCode:  {"kernel", "kernel, system calls"},
}

// rootKind is of all together.
var rootKind = kind{"all", "all"}

// kinds are those that are drawn.
func (g *graph) kinds() []*kind {
	var there []*kind
	for i := range kinds {
		if slices.ContainsFunc(g.drawn, func(f *frame) bool { return f.kind == &kinds[i] }) {
			there = append(there, &kinds[i])
		}
	}
	return there
}
