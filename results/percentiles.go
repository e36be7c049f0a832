package results

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"
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
// trials that [Summarize] has their figures from. Points without any log are left out; a
// log that is there and cannot be read is an error.
func Distributions(dir string, trials []Trial, points []Point) ([]Distribution, error) {
	byKey := map[Key][]*Trial{}
	trials = final(trials)
	for i := range trials {
		if t := &trials[i]; t.Failure == "" && t.Histograms != "" {
			byKey[t.Key()] = append(byKey[t.Key()], t)
		}
	}
	var all []Distribution
	for _, p := range points {
		var ours []responses
		for _, t := range byKey[p.Key] {
			if p.Valid > 0 && !t.Valid() {
				continue
			}
			h, err := readResponses(filepath.Join(dir, t.Histograms))
			if err != nil {
				return nil, err
			}
			if h != nil {
				ours = append(ours, responses{h, t.failedRequests()})
			}
		}
		if percentiles := percentilesOf(ours); len(percentiles) > 0 {
			all = append(all, Distribution{p, percentiles})
		}
	}
	return all, nil
}

// responses are those of a trial.
type responses struct {
	answered   *hdrhistogram.Histogram
	unanswered int64
}

func (r *responses) total() int64 { return r.answered.TotalCount() + r.unanswered }

// readResponses is nil where there is no such file, or none of that in it.
func readResponses(path string) (*hdrhistogram.Histogram, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	distributions, err := ReadLog(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if h := distributions[responseTag]; h != nil {
		return h, nil
	}
	return distributions[serviceTag], nil
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
			v := float64(Percentile(trials[i].answered, trials[i].unanswered, 100*(1-1/at.Beyond)))
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
		finite[i] = min(v, float64(MaxLatency))
	}
	i := medianInterval(finite)
	i.Estimate = median(values)
	if i.High >= float64(MaxLatency) {
		i.High = math.Inf(1)
	}
	if i.Low >= float64(MaxLatency) {
		i.Low = math.Inf(1)
	}
	return i
}
