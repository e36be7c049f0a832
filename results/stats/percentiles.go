package stats

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"

	"connbench/results"
)

// The tags of latencies in a trial's histogram log. Where a request is sent when it is
// due, as in a closed loop, there are those from the actual send alone.
const (
	responseTag = "response"
	serviceTag  = "service"
)

// Distribution is the response latency of a point by percentile.
type Distribution struct {
	Point
	Percentiles []LatencyAt // ascending
}

// LatencyAt is a percentile over the trials of a point, in nanoseconds; an unanswered
// request counts as infinite.
type LatencyAt struct {
	Beyond   float64 // one in so many requests took longer: 1 / (1 − p), from 1
	Interval         // of the median of the trials' percentiles
	Min, Max float64 // of the trials
}

// Steps of a Distribution: so many to each power of ten, and beyond the last at least
// this many requests of each trial.
const (
	stepsADecade = 10
	fewestBeyond = 5
)

// Distributions reads those of points from the histogram logs in a run's folder, of the
// trials that their figures rest on. Points whose trials have no log are left
// out. Where logs that a trial names cannot be read, or are not of that trial, the error
// says how many and names the first; the distributions of the others are returned with it.
func Distributions(dir string, points []Point) ([]Distribution, error) {
	var all []Distribution
	unread, first := 0, error(nil)
	for _, p := range points {
		var ours []responses
		for _, t := range p.Rests() {
			if t.Histograms == "" {
				continue
			}
			h, err := readResponses(dir, t)
			if err != nil {
				unread++
				first = cmp.Or(first, err)
				continue
			}
			ours = append(ours, responses{h, t.FailedRequests()})
		}
		if percentiles := percentilesOf(ours); len(percentiles) > 0 {
			all = append(all, Distribution{p, percentiles})
		}
	}
	if unread > 0 {
		return all, fmt.Errorf("%s cannot be read, which the percentiles lack: %w", results.Plural(unread, "histogram log"), first)
	}
	return all, nil
}

// responses are those of a trial.
type responses struct {
	answered   *hdrhistogram.Histogram
	unanswered int64
}

func (r *responses) total() int64 { return r.answered.TotalCount() + r.unanswered }

// readResponses reads what a trial's log says of its answered requests.
func readResponses(dir string, t *results.Trial) (*hdrhistogram.Histogram, error) {
	if t.Requests == 0 {
		return results.NewHistogram(), nil // an empty distribution is not in the log
	}
	path := filepath.Join(dir, t.Histograms)
	if info, err := os.Lstat(filepath.Dir(path)); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s is a link", filepath.Dir(path))
	}
	f, err := results.OpenRegular(path, results.MaxLogBytes)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	distributions, err := results.ReadLog(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	h := distributions[responseTag]
	if h == nil && t.Slip == nil {
		h = distributions[serviceTag]
	}
	switch {
	case h == nil:
		return nil, fmt.Errorf("%s: it has no responses", path)
	case h.TotalCount() != t.Requests:
		return nil, fmt.Errorf("%s: it has %d responses, and trial %d has %d", path, h.TotalCount(), t.Trial, t.Requests)
	}
	return h, nil
}

// percentilesOf goes as far as the trial with the fewest requests can tell.
func percentilesOf(trials []responses) []LatencyAt {
	requests := int64(math.MaxInt64)
	for i := range trials {
		requests = min(requests, trials[i].total())
	}
	if len(trials) == 0 || requests < fewestBeyond {
		return nil
	}
	var all []LatencyAt
	for step := 0; ; step++ {
		at := LatencyAt{Beyond: math.Pow(10, float64(step)/stepsADecade), Min: math.Inf(1)}
		if at.Beyond*fewestBeyond > float64(requests) {
			return all
		}
		var values []float64
		for i := range trials {
			v := float64(results.Percentile(trials[i].answered, trials[i].unanswered, 100*(1-1/at.Beyond)))
			values = append(values, v)
			at.Min, at.Max = min(at.Min, v), max(at.Max, v)
		}
		at.Interval = infiniteInterval(values)
		all = append(all, at)
	}
}

// infiniteInterval is a medianInterval of values that may be infinite: between such
// values nothing can be interpolated.
func infiniteInterval(values []float64) Interval {
	slices.Sort(values)
	finite := slices.Clone(values)
	for i, v := range finite {
		finite[i] = min(v, float64(results.MaxLatency))
	}
	i := MedianInterval(finite)
	i.Estimate = results.Median(values)
	if i.High >= float64(results.MaxLatency) {
		i.High = math.Inf(1)
	}
	if i.Low >= float64(results.MaxLatency) {
		i.Low = math.Inf(1)
	}
	return i
}
