package results

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const logSuffix = ".hlog"

// logName is the name of a trial's histogram log, which no other trial and no other
// attempt at it has.
func logName(t *Trial) string {
	if t.Attempt == 0 {
		return fmt.Sprintf("%05d%s", t.Trial, logSuffix)
	}
	return fmt.Sprintf("%05d-%d%s", t.Trial, t.Attempt, logSuffix)
}

// encodeLog is a trial's distributions, in nanoseconds, as an HdrHistogram log of
// version 1.3, each under its name as the tag. The latencies of unanswered requests
// are not in it; a comment gives their number.
func EncodeLog(t *Trial, distributions map[string]*hdrhistogram.Histogram) ([]byte, error) {
	var b bytes.Buffer
	w := hdrhistogram.NewHistogramLogWriter(&b)
	start := t.StartedAt.UnixMilli()
	err := errors.Join(
		w.OutputComment(fmt.Sprintf("[connbench trial %d: %s, %d clients, %d bytes; values in ns; %d unanswered]",
			t.Trial, t.Model, t.Clients, t.PayloadBytes, t.FailedRequests())),
		w.OutputLogFormatVersion(),
		w.OutputStartTime(start),
		w.OutputLegend(),
	)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(distributions)) {
		h := distributions[name]
		h.SetTag(name)
		h.SetStartTimeMs(start)
		h.SetEndTimeMs(start + t.DurationNS/1e6)
		if err := w.OutputIntervalHistogram(h); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// maxDistributions is far more than a trial has.
const maxDistributions = 100

// ReadLog reads the distributions of an HdrHistogram log by their tags.
func ReadLog(r io.Reader) (map[string]*hdrhistogram.Histogram, error) {
	distributions := map[string]*hdrhistogram.Histogram{}
	log := hdrhistogram.NewHistogramLogReader(r)
	for {
		h, err := log.NextIntervalHistogram()
		if err != nil && err != io.EOF {
			return nil, err
		}
		if h == nil {
			return distributions, nil
		}
		if distributions[h.Tag()] = h; len(distributions) > maxDistributions {
			return nil, fmt.Errorf("more than %d distributions", maxDistributions)
		}
	}
}
