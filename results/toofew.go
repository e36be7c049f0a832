package results

// A percentile needs so many requests to be another figure than their maximum.
const (
	p99Needs  = 100
	p999Needs = 1000
)

// asked is how many requests the trial's latencies rest on, answered or failed.
func (t *Trial) asked() int64 { return t.Requests + t.failedRequests() }

// TooFew says how many requests the percentiles rest on where those are too few for
// them; else it is empty.
func (t *Trial) TooFew() string {
	n := t.asked()
	switch {
	case n == 0 || n >= p999Needs:
		return ""
	case n >= p99Needs:
		return "p99.9 of " + plural(int(n), "request")
	}
	return "p99 and p99.9 of " + plural(int(n), "request")
}

// TooFew says the same of the 99th percentile of a point, by its trial with the fewest
// requests.
func (p *Point) TooFew() string {
	if p.Fewest == 0 || p.Fewest >= p99Needs {
		return ""
	}
	return "p99 of " + plural(int(p.Fewest), "request")
}
