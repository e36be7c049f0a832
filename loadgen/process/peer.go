package process

import (
	"errors"
	"time"
)

// Peer is a process, of this machine or of another, that is told things as lines of JSON and
// answers in lines of JSON. [*Process] is one.
type Peer interface {
	// Tell writes v as a line of JSON.
	Tell(v any) error
	// Hear reads the next line into v. When there is none because the process has
	// ended, the error says how, with the last of what it said on standard error.
	Hear(v any) error
	// Stop ends the process: it is asked to, given time to do so, and then killed,
	// which the error says, see [ErrKilled]. What it has said before is still to be heard.
	Stop(grace time.Duration) error
}

var _ Peer = (*Process)(nil)

// ErrLost is in the errors of a [Peer] whose host is gone, cut off or does not answer, so that it
// is not known what becomes of the process.
var ErrLost = errors.New("lost")

// Clock is how the monotonic clock of another host compares with that of this one.
type Clock struct {
	Offset      time.Duration `json:"offset_ns"`      // what it shows beyond ours
	Uncertainty time.Duration `json:"uncertainty_ns"` // by how much the offset may be wrong either way: half the fastest round trip
	RoundTrip   time.Duration `json:"round_trip_ns"`  // the fastest
}

// longestSleep is how far ahead an instant may be: one beyond is of a clock that is wrong.
const longestSleep = 10 * time.Second

// SleepUntil sleeps until [Monotonic] shows at, and returns how much later it is then.
func SleepUntil(at time.Duration) (late time.Duration) {
	time.Sleep(min(at-Monotonic(), longestSleep))
	return Monotonic() - at
}
