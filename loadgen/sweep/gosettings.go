package sweep

import (
	"context"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
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
	if f, err := s.ask(false); err == nil && f != nil {
		g.InForce = f.settings()
	}
	return g
}

// settings are those of Go's runtime by the names of their variables.
func (f *Figures) settings() map[string]string {
	inForce := map[string]string{"GOGC": "off", "GOMEMLIMIT": "off", "GOMAXPROCS": strconv.Itoa(f.GOMAXPROCS)}
	if f.GOGC >= 0 {
		inForce["GOGC"] = strconv.FormatInt(f.GOGC, 10)
	}
	if f.MemoryLimit < math.MaxInt64 {
		inForce["GOMEMLIMIT"] = strconv.FormatInt(f.MemoryLimit, 10)
	}
	if f.GODEBUG != "" {
		inForce["GODEBUG"] = f.GODEBUG
	}
	return inForce
}

// godebug is what is in force of GODEBUG: what the program was built with, and over it the
// variable.
func godebug() string {
	var parts []string
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "DefaultGODEBUG" && s.Value != "" {
				parts = append(parts, s.Value)
			}
		}
	}
	if set := os.Getenv("GODEBUG"); set != "" {
		parts = append(parts, set)
	}
	return strings.Join(parts, ",")
}
