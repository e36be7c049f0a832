package sample

import (
	"math"
	"runtime/debug"
	"testing"
)

func TestFiguresSettings(t *testing.T) {
	before := debug.SetGCPercent(50)
	defer debug.SetGCPercent(before)
	if got := ReadFigures(false).Settings()["GOGC"]; got != "50" {
		t.Errorf("GOGC %s", got)
	}
	debug.SetGCPercent(-1)
	if got := ReadFigures(false).Settings()["GOGC"]; got != "off" {
		t.Errorf("GOGC %s, want off", got)
	}
	if got := (&Figures{MemoryLimit: math.MaxInt64}).Settings()["GOMEMLIMIT"]; got != "off" {
		t.Errorf("GOMEMLIMIT %s", got)
	}
}
