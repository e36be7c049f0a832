package pace

import (
	"math"
	"time"
)

// Curve is a profile by the requests that it comes to: how many are due by a time, and when one
// is due. Times count from a beginning before the window.
type Curve struct{ pieces []piece }

// piece is a part of the time in which the rate changes evenly, or not at all. The last has no
// end, and an even rate.
type piece struct {
	at     float64 // seconds
	before float64 // requests that are due before it
	rate   float64 // in its beginning
	slope  float64 // requests a second in each second
}

// Curve is the profile's, which begins so long before the window.
func (p Profile) Curve(warmup time.Duration) Curve {
	var c Curve
	at := time.Duration(0)
	c.add(0, p.Rate, 0)
	for _, s := range p.Spikes {
		c.base(&p, warmup, at, s.At)
		c.add(warmup+s.At, s.Rate, 0)
		at = s.End()
	}
	c.base(&p, warmup, at, Never)
	return c
}

// base adds what of the window from a time until another has no spike.
func (c *Curve) base(p *Profile, warmup, from, until time.Duration) {
	if from < until && p.To != 0 && from < p.Within {
		slope := (p.To - p.Rate) / p.Within.Seconds()
		c.add(warmup+from, p.Rate+slope*from.Seconds(), slope)
		from = min(until, p.Within)
	}
	switch {
	case from >= until:
	case p.To != 0:
		c.add(warmup+from, p.To, 0)
	default:
		c.add(warmup+from, p.Rate, 0)
	}
}

// add goes on with a rate at a time, unless it is that of before.
func (c *Curve) add(at time.Duration, rate, slope float64) {
	n := len(c.pieces)
	next := piece{at.Seconds(), c.Before(at), rate, slope}
	switch {
	case n == 0:
	case c.pieces[n-1].at == next.at:
		c.pieces[n-1] = next
		return
	case slope == 0 && c.pieces[n-1].slope == 0 && c.pieces[n-1].rate == rate:
		return
	}
	c.pieces = append(c.pieces, next)
}

// Before is how many requests are due before a time: the integral of the rate.
func (c *Curve) Before(t time.Duration) float64 {
	s := t.Seconds()
	for i := len(c.pieces) - 1; i >= 0; i-- {
		if p := &c.pieces[i]; p.at <= s {
			s -= p.at
			return p.before + s*(p.rate+p.slope*s/2)
		}
	}
	return 0
}

// When is how many seconds from the beginning so many requests have been due: the inverse of
// Before.
func (c *Curve) When(requests float64) float64 {
	i := len(c.pieces) - 1
	for i > 0 && c.pieces[i].before > requests {
		i--
	}
	p := &c.pieces[i]
	left := requests - p.before
	if p.slope == 0 {
		return p.at + left/p.rate
	}
	// The root of slope/2 t² + rate t = left, in the form that loses no digits near slope 0. Below
	// the ramp's end the discriminant is the square of a rate.
	return p.at + 2*left/(p.rate+math.Sqrt(max(0, p.rate*p.rate+2*p.slope*left)))
}

// Mean is the requests a second between two times.
func (c *Curve) Mean(from, until time.Duration) float64 {
	return (c.Before(until) - c.Before(from)) / (until - from).Seconds()
}
