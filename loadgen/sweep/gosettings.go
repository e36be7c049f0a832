package sweep

import (
	"context"
	"os"
	"time"

	"connbench/results"
)

// goVariables are those of the environment that shape Go's runtime.
var goVariables = []string{"GOGC", "GODEBUG", "GOMAXPROCS", "GOMEMLIMIT"}

// goProbe is how long a server may take to say what is in force in it.
const goProbe = 10 * time.Second

// GoSettings are those of a server of ours on its CPUs, of which row is one that tells of
// itself: it is started, asked and ended. What it does not say within 10 s is absent.
func GoSettings(ctx context.Context, row Row, cpus []int) results.GoSettings {
	g := results.GoSettings{Set: map[string]string{}}
	for _, name := range goVariables {
		if value, set := os.LookupEnv(name); set {
			g.Set[name] = value
		}
	}
	s, err := startServer(ctx, row, cpus, goProbe)
	if err != nil {
		return g
	}
	defer s.process.Stop(goProbe)
	if f, err := s.Ask(false); err == nil && f != nil {
		g.InForce = f.Settings()
	}
	return g
}
