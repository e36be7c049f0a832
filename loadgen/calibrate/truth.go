package calibrate

// Floor is the response time at one rate of a server with nothing to do.
type Floor struct {
	RateRPS  float64 `json:"rate_rps"`
	Response Tail    `json:"response_latency_ns"` // medians
	MeanNS   float64 `json:"mean_ns"`
	Repetitions
}

func floorOf(rate float64, all []Repetition) Floor {
	return Floor{rate, responseTail(usable(all)), median(each(usable(all), mean)), repetitionsOf(all)}
}

// Truth is one load on the calibration server, and how far from the truth it was
// measured.
type Truth struct {
	Distribution Distribution `json:"distribution"`
	Rho          float64      `json:"rho"`
	RateRPS      float64      `json:"rate_rps"`
	Theory       Figures      `json:"theory_ns"`
	Mean         Deviation    `json:"mean"`
	P99          Deviation    `json:"p99"`
	FloorQuiet   int          `json:"floor_quiet"`
	Repetitions
}

// Deviation is of measured from true figures, in per cent of theory, over the quiet
// repetitions; absent where of these or of the floor's there are fewer than two.
type Deviation struct {
	Net   *Interval `json:"deviation_percent,omitempty"` // from the sample path
	Plain *Interval `json:"plain_percent,omitempty"`     // from theory, chance included
}

// compare fills in what follows from the repetitions, its own and those of the
// floor at the same rate.
func (t *Truth) compare(f Floor) {
	some, floor := quiet(t.Repetitions.Repetitions), quiet(f.Repetitions.Repetitions)
	t.FloorQuiet = f.Quiet
	t.Mean = deviation(some, t.Theory.Mean, each(floor, mean), mean,
		func(p *Path) float64 { return p.Response.Mean })
	t.P99 = deviation(some, t.Theory.P99, each(floor, func(r *Repetition) float64 { return meanShift(some, r.response) }), p99,
		func(p *Path) float64 { return p.Response.P99 })
}

// deviation compares one figure of the repetitions with the truth, the floor apart.
func deviation(all []Repetition, theory float64, floor []float64, figure func(*Repetition) float64, path func(*Path) float64) Deviation {
	from := func(truth func(*Repetition) float64) *Interval {
		beyond := each(all, func(r *Repetition) float64 { return figure(r) - truth(r) })
		return difference(beyond, floor).times(100 / theory)
	}
	return Deviation{
		Net:   from(func(r *Repetition) float64 { return path(r.Path) }),
		Plain: from(func(*Repetition) float64 { return theory }),
	}
}
