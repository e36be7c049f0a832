package calibrate

import (
	"math"
	"time"
)

// Figures are a mean and a 99th percentile of response times, in nanoseconds.
type Figures struct {
	Mean float64 `json:"mean"`
	P99  float64 `json:"p99"`
}

// Sojourn is the time that a request spends waiting and being served in a steady
// state: one server, first in first out, Poisson arrivals at a load of rho, more than
// 0 and at most maxLoad, and the given mean service time.
//
// The means are those of Pollaczek and Khinchine; an exponential service has
// an exponential sojourn of rate mu-lambda (Kleinrock, Queueing Systems I, 1975,
// sections 5.6 and 3.2). For the percentile of a fixed one see waitingFixed.
func Sojourn(d Distribution, service time.Duration, rho float64) Figures {
	s := float64(service)
	if d == Exponential {
		mean := s / (1 - rho)
		return Figures{Mean: mean, P99: math.Log(100) * mean}
	}
	return Figures{
		Mean: s * (1 + rho/(2*(1-rho))),
		P99:  s * (1 + quantile(0.99, func(t float64) float64 { return waitingFixed(t, rho) })),
	}
}

// maxLoad is up to where waitingFixed is exact to six digits around the 99th
// percentile: beyond, its alternating terms cancel.
const maxLoad = 0.8

// waitingFixed is the probability that a request waits no longer than t service
// times for a server of fixed service time at a load of rho (A. K. Erlang, 1909;
// C. D. Crommelin, "Delay probability formulae when the holding times are
// constant", 1932).
func waitingFixed(t, rho float64) float64 {
	sum, factorial := 0.0, 1.0
	for k := 0.0; k <= math.Floor(t); k++ {
		if k > 0 {
			factorial *= k
		}
		x := rho * (t - k)
		sum += math.Pow(-x, k) / factorial * math.Exp(x)
	}
	return (1 - rho) * sum
}

// quantile is the least t, to a billionth, from which on a distribution is at least p.
func quantile(p float64, distribution func(t float64) float64) float64 {
	low, high := 0.0, 1.0
	if distribution(0) >= p {
		return 0
	}
	for distribution(high) < p {
		low, high = high, 2*high
	}
	for high-low > 1e-9 {
		if mid := (low + high) / 2; distribution(mid) < p {
			low = mid
		} else {
			high = mid
		}
	}
	return high
}
