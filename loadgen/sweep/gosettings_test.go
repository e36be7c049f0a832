package sweep

import (
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"connbench/results"
)

// TestGoSettings: a server says what is in force in it, of what the environment sets.
func TestGoSettings(t *testing.T) {
	dir := t.TempDir()
	row := Row{Name: "telling", Network: "tcp", Tells: true, Command: []string{executable(t), "act-telling", dir}}
	for _, name := range goVariables {
		t.Setenv(name, "") // to be put back
		os.Unsetenv(name)
	}
	if g := GoSettings(t.Context(), row, nil); len(g.Set) > 0 || g.InForce["GOGC"] != "100" || g.InForce["GOMEMLIMIT"] != "off" {
		t.Errorf("by default: %+v", g)
	}
	set := map[string]string{"GOGC": "off", "GODEBUG": "asyncpreemptoff=1", "GOMAXPROCS": "3", "GOMEMLIMIT": "1GiB"}
	for name, value := range set {
		t.Setenv(name, value)
	}
	g := GoSettings(t.Context(), row, nil)
	force := map[string]string{"GOGC": "off", "GOMAXPROCS": "3", "GOMEMLIMIT": strconv.Itoa(1 << 30), "GODEBUG": godebug()}
	if diff := cmp.Diff(results.GoSettings{Set: set, InForce: force}, g); diff != "" {
		t.Error(diff)
	}
	mute := Row{Name: "exit", Network: "tcp", Command: []string{executable(t), "act-exit", dir}}
	if g := GoSettings(t.Context(), mute, nil); g.InForce != nil || len(g.Set) != len(set) {
		t.Errorf("of a server that does not start: %+v", g)
	}
}

func TestFiguresSettings(t *testing.T) {
	before := debug.SetGCPercent(50)
	defer debug.SetGCPercent(before)
	if got := ReadFigures(false).settings()["GOGC"]; got != "50" {
		t.Errorf("GOGC %s", got)
	}
	debug.SetGCPercent(-1)
	if got := ReadFigures(false).settings()["GOGC"]; got != "off" {
		t.Errorf("GOGC %s, want off", got)
	}
	if got := (&Figures{MemoryLimit: math.MaxInt64}).settings()["GOMEMLIMIT"]; got != "off" {
		t.Errorf("GOMEMLIMIT %s", got)
	}
}
