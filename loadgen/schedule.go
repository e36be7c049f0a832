package loadgen

import (
	"math"
	"math/rand/v2"
	"time"
)

// Arrivals is how the requests of an open loop are spread in time.
type Arrivals string

const (
	// Constant: one request every 1/rate, clients in turn.
	Constant Arrivals = "constant"
	// Poisson: independent exponential gaps of mean 1/rate, clients at random,
	// as many independent users would send.
	Poisson Arrivals = "poisson"
)

// Schedule is when requests are due and whose they are, fixed ahead by its seed:
// a pure sequence that no clock and no server can change. Two of them with the
// same parameters are the same.
type Schedule struct {
	arrivals Arrivals
	rate     float64 // a second, of a Poisson one its own share
	total    int
	clients  []int
	random   *rand.Rand

	n  int     // requests so far
	at float64 // seconds, of the last of a Poisson one
}

// NewSchedule is the share of the given clients, numbered from 0 in ascending
// order, in an open loop of rate requests a second over total clients. However
// the clients are divided, the shares together are the whole: of a constant loop
// the same requests at the same times, of a Poisson one independent processes that
// add up.
func NewSchedule(a Arrivals, rate float64, total int, clients []int, seed uint64) *Schedule {
	s := &Schedule{arrivals: a, rate: rate, total: total, clients: clients}
	if a == Poisson {
		s.rate = rate * float64(len(clients)) / float64(total)
		s.random = rand.New(rand.NewPCG(seed, uint64(clients[0])))
	}
	return s
}

// Next returns when the next request is due, counted from the schedule's
// beginning, and who is to send it, as an index into the clients.
func (s *Schedule) Next() (due time.Duration, index int) {
	n := s.n
	s.n++
	if s.arrivals == Poisson {
		s.at += s.random.ExpFloat64() / s.rate
		return seconds(s.at), s.random.IntN(len(s.clients))
	}
	// Each from the beginning, so that rounding never adds up.
	round, index := n/len(s.clients), n%len(s.clients)
	return seconds(float64(round*s.total+s.clients[index]) / s.rate), index
}

// Left is about how many requests come after those that Next has told of and before a
// time, counted from the schedule's beginning: of a Poisson one as many as are expected.
func (s *Schedule) Left(from, until time.Duration) int64 {
	own := s.rate
	if s.arrivals != Poisson {
		own *= float64(len(s.clients)) / float64(s.total)
	}
	return int64(math.Round((until - from).Seconds() * own))
}

// never is beyond the end of every run.
const never = time.Duration(math.MaxInt64)

// seconds is s seconds, never where that is more than a Duration has room for.
func seconds(s float64) time.Duration {
	if ns := math.Round(s * float64(time.Second)); ns < float64(never) {
		return time.Duration(ns)
	}
	return never
}
