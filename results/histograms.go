package results

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// writeLog writes a trial's distributions, in nanoseconds, as an HdrHistogram log
// of version 1.3, each under its name as the tag. The latencies of unanswered
// requests are not in it; a comment gives their number.
func writeLog(path string, t *Trial, distributions map[string]*hdrhistogram.Histogram) error {
	var b bytes.Buffer
	w := hdrhistogram.NewHistogramLogWriter(&b)
	start := t.StartedAt.UnixMilli()
	err := errors.Join(
		w.OutputComment(fmt.Sprintf("[connbench trial %d: %s, %d clients, %d bytes; values in ns; %d unanswered]",
			t.Trial, t.Model, t.Clients, t.PayloadBytes, t.Failed())),
		w.OutputLogFormatVersion(),
		w.OutputStartTime(start),
		w.OutputLegend(),
	)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(distributions)) {
		h := distributions[name]
		h.SetTag(name)
		h.SetStartTimeMs(start)
		h.SetEndTimeMs(start + t.DurationNS/1e6)
		if err := w.OutputIntervalHistogram(h); err != nil {
			return err
		}
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(b.Bytes())
	return errors.Join(err, f.Sync(), f.Close())
}

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
		distributions[h.Tag()] = h
	}
}
