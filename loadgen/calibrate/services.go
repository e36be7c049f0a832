package calibrate

import (
	"math"
	"math/rand/v2"
	"time"
)

// Distribution is how service times are spread.
type Distribution string

const (
	Fixed       Distribution = "fixed"       // all the same: M/D/1
	Exponential Distribution = "exponential" // M/M/1
)

// Services is a sequence of service times, a pure function of its parameters: the
// server takes them in the order of service.
type Services struct {
	distribution Distribution
	mean         time.Duration
	random       *rand.Rand
}

// serviceStream keeps service times independent of arrivals drawn from the same
// seed, whose streams are numbers of clients.
const serviceStream = 1 << 32

// NewServices begins a sequence.
func NewServices(d Distribution, mean time.Duration, seed uint64) *Services {
	return &Services{d, mean, rand.New(rand.NewPCG(seed, serviceStream))}
}

// Next is the next service time.
func (s *Services) Next() time.Duration {
	if s.distribution == Fixed {
		return s.mean
	}
	return time.Duration(math.Round(s.random.ExpFloat64() * float64(s.mean)))
}
