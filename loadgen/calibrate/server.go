package calibrate

import (
	"time"

	"connbench/loadgen"
	"connbench/models/wire"
)

// ServerConfig is a calibration server's.
type ServerConfig struct {
	Address      string // host:port of TCP
	Distribution Distribution
	Service      time.Duration // mean; 0 for an answer at once
	Seed         uint64        // of exponential service times
}

const (
	counterServed  = "served"     // requests
	counterWatched = "watched_ns" // from the first request to the last answer
	counterLost    = "lost_ns"    // of that, when the thread that always runs did not run
	counterLost2   = "lost_us2"   // sum of the squares of those times, in µs²
	counterLate    = "late_ns"    // sum over the requests: answered after it was time
)

const (
	maxPayload   = 64 << 10 // of a request
	maxService   = time.Minute
	drainTimeout = 5 * time.Second
	// interruption is from where on the time between two looks at the clock was
	// spent elsewhere: a turn of the loop with a read and a write takes 5 µs.
	interruption = 50 * time.Microsecond
)

// Validate reports the first field that is not allowed, as a [*loadgen.SpecError].
func (c *ServerConfig) Validate() error {
	switch {
	case c.Distribution != Fixed && c.Distribution != Exponential:
		return &loadgen.SpecError{Field: "distribution", Value: c.Distribution, Allowed: "fixed or exponential"}
	case c.Service < 0 || c.Service > maxService:
		return &loadgen.SpecError{Field: "service", Value: c.Service, Allowed: "0 to 1m"}
	}
	return nil
}

type conn struct {
	fd      int // -1 once it is closed
	split   wire.Splitter
	pending int  // requests in the queue
	ended   bool // the peer sends no more
}
