package modeltest

import (
	"errors"
	"math"
	"slices"
	"testing"

	"connbench/models"
)

// Parts of cases that a model may lack without lacking the case; see
// [models.Model.Lacks].
const (
	// refusesOthers: while Shutdown waits, connecting fails. Without it, a
	// connection may be taken and closed at once.
	refusesOthers = "ShutdownRefusesOthers"
	// holdsBack: what a client sends that does not read is taken up to a bound.
	holdsBack = "NeverReadsIsHeldBack"
	// ownWords: replies are the bytes that our own models write. Without it, those of HTTP may have
	// their fields in another order, and other words for what is refused; see reworded.
	ownWords = "OurOwnWords"
)

// refuses is the case of what a protocol does not allow, of which a model may lack some, as
// "Refuses/folded field".
const refuses = "Refuses"

// lack is why the target need not keep a promise, "" where it must.
func (g *target) lack(promise string) string {
	if why := g.model.Lacks[g.network+"/"+promise]; why != "" {
		return why
	}
	return g.model.Lacks[promise]
}

// checkLacks holds a model to the rules of lacking: only engines may, only what the
// suite asks for, and with a reason.
func checkLacks(t *testing.T, m models.Model) {
	t.Helper()
	if m.Engine == "" && len(m.Lacks) > 0 {
		t.Errorf("%s is no third-party engine and lacks %v", m.Name, m.Lacks)
	}
	known := []string{refusesOthers, holdsBack, ownWords}
	for _, c := range cases() {
		known = append(known, c.name)
	}
	for _, framing := range framings(m, m.Networks[0]) {
		for name := range (&target{framing: framing}).refusals() {
			known = append(known, refuses+"/"+name)
		}
	}
	for _, promise := range known {
		for _, network := range m.Networks {
			known = append(known, network+"/"+promise)
		}
	}
	for promise, why := range m.Lacks {
		if !slices.Contains(known, promise) {
			t.Errorf("%s lacks %q, which nobody asks for", m.Name, promise)
		}
		if why == "" {
			t.Errorf("%s lacks %s and does not say why", m.Name, promise)
		}
	}
}

// skipWithoutKnob ends a test that turns a knob which an engine does not have. All
// other models have those of the suite.
func (g *target) skipWithoutKnob(t *testing.T, err error) {
	t.Helper()
	var config *models.ConfigError
	if g.model.Engine != "" && errors.As(err, &config) && !slices.Contains(g.model.Knobs, models.Knob(config.Knob)) {
		t.Skip(err)
	}
}

// readBuffer is a number of bytes to read with, where that can be told.
func (g *target) readBuffer(n int) int {
	if !slices.Contains(g.model.Knobs, models.KnobReadBuffer) {
		return models.DefaultReadBuffer
	}
	return n
}

func (g *target) floodLimit() int {
	if g.lack(holdsBack) != "" {
		return 16 << 20
	}
	return math.MaxInt
}
