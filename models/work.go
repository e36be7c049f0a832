package models

import (
	"strings"
	"sync"
	"time"
)

// Work is what a server does for each request beside answering it: [Echo],
// "cpu:DURATION" or "sleep:DURATION".
//
// The CPU's work is a number of iterations, as many as take the duration on this
// CPU when nothing else runs: time that is stolen from it makes it longer, as it does
// real work. Sleeping is a wait that blocks whatever serves the request, the stand-in
// for a query to a database.
type Work string

// Echo is no work: the reply is the request.
const Echo Work = "echo"

// maxWork keeps a slip of the pen from making a server that never answers.
const maxWork = time.Minute

const workAllowed = "echo, or cpu:DURATION or sleep:DURATION from 1ns to 1m, like cpu:20us"

// split returns the kind of w, "" for none, and its duration; ok is false where w
// is no work.
func (w Work) split() (kind string, d time.Duration, ok bool) {
	if w == Echo {
		return "", 0, true
	}
	kind, text, found := strings.Cut(string(w), ":")
	d, err := time.ParseDuration(text)
	ok = found && err == nil && d > 0 && d <= maxWork && (kind == "cpu" || kind == "sleep")
	return kind, d, ok
}

// performer returns what does w for a request, nil where there is nothing to do. It
// may take some milliseconds, to find out how fast the CPU is.
func (w Work) performer() func(request []byte) {
	switch kind, d, _ := w.split(); kind {
	case "cpu":
		n := max(1, int64(float64(d)/iteration()))
		return func([]byte) { iterate(n) }
	case "sleep":
		return func([]byte) { time.Sleep(d) }
	}
	return nil
}

// iterate does n steps of which each needs the one before.
func iterate(n int64) uint64 {
	x := uint64(n) | 1
	for ; n > 0; n-- {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	if x == 0 { // never, and the compiler does not know
		panic("models: xorshift of a number that is not 0 is 0")
	}
	return x
}

const (
	calibrationSteps = 100_000 // some 100 µs
	calibrations     = 50
)

// iteration is how many nanoseconds a step of iterate takes here. It is the least of
// many short measurements, so that others at work do not make it longer.
var iteration = sync.OnceValue(func() float64 {
	best := time.Duration(1<<63 - 1)
	for range calibrations {
		begin := time.Now()
		iterate(calibrationSteps)
		best = min(best, time.Since(begin))
	}
	return float64(best) / calibrationSteps
})
