package pace

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
//
// Where the rate changes, requests that are spread evenly, or as a Poisson process of rate 1, are
// moved in time by the inverse of the rate's integral. Of the second this makes the Poisson process
// of that intensity (the inversion of Çinlar, "Introduction to stochastic processes", 1975).
type Schedule struct {
	arrivals Arrivals
	curve    Curve
	total    int
	clients  []int
	random   *rand.Rand

	n  int     // requests so far
	at float64 // requests of all clients before the last of a Poisson one, on average
}

// New is the share of the given clients, numbered from 0 in ascending
// order, in an open loop of a rate over total clients. However
// the clients are divided, the shares together are the whole: of a constant loop
// the same requests at the same times, of a Poisson one independent processes that
// add up.
func New(a Arrivals, c Curve, total int, clients []int, seed uint64) *Schedule {
	s := &Schedule{arrivals: a, curve: c, total: total, clients: clients}
	if a == Poisson {
		s.random = rand.New(rand.NewPCG(seed, uint64(clients[0])))
	}
	return s
}

func (s *Schedule) share() float64 { return float64(len(s.clients)) / float64(s.total) }

// Next returns when the next request is due, counted from the schedule's
// beginning, and who is to send it, as an index into the clients.
func (s *Schedule) Next() (due time.Duration, index int) {
	n := s.n
	s.n++
	if s.arrivals == Poisson {
		s.at += s.random.ExpFloat64() / s.share()
		return Seconds(s.curve.When(s.at)), s.random.IntN(len(s.clients))
	}
	// Each from the beginning, so that rounding never adds up.
	round, index := n/len(s.clients), n%len(s.clients)
	return Seconds(s.curve.When(float64(round*s.total + s.clients[index]))), index
}

// Left is about how many requests come after those that Next has told of and between two
// times, counted from the schedule's beginning: of a Poisson one as many as are expected.
func (s *Schedule) Left(from, until time.Duration) int64 {
	if until <= from {
		return 0
	}
	return int64(math.Round((s.curve.Before(until) - s.curve.Before(from)) * s.share()))
}

// Never is beyond the end of every run.
const Never = time.Duration(math.MaxInt64)

// Seconds is s seconds, Never where that is more than a Duration has room for.
func Seconds(s float64) time.Duration {
	if ns := math.Round(s * float64(time.Second)); ns < float64(Never) {
		return time.Duration(ns)
	}
	return Never
}
