package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What clients that others wrote say of a load, read by their words.

// outcome is what a client says of a load. What it does not say is 0.
type outcome struct {
	requests int64 // answered
	beside   int64 // likewise, which it has not measured
	failed   int64
	rps      float64
	p50, p99 time.Duration
}

// saying finds what a client says, and keeps the first thing that it does not.
type saying struct {
	said string
	err  error
}

// find returns the groups of an expression in what was said, empty ones where it is not there.
func (w *saying) find(expression string) []string {
	re := regexp.MustCompile("(?m)" + expression)
	found := re.FindStringSubmatch(w.said)
	if found == nil {
		if w.err == nil {
			w.err = fmt.Errorf("no %q in %q", expression, w.said)
		}
		return make([]string, re.NumSubexp()+1)
	}
	return found
}

// has is find of what need not be said.
func (w *saying) has(expression string) []string {
	return regexp.MustCompile("(?m)" + expression).FindStringSubmatch(w.said)
}

func (w *saying) integer(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil && w.err == nil {
		w.err = err
	}
	return n
}

func (w *saying) float(text string) float64 {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil && w.err == nil {
		w.err = err
	}
	return x
}

// latency is so many of a unit.
func (w *saying) latency(text string, unit time.Duration) time.Duration {
	return time.Duration(w.float(text) * float64(unit))
}

// duration reads one as Go writes it.
func (w *saying) duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil && w.err == nil {
		w.err = err
	}
	return d
}

// parseWrk reads what wrk says with --latency.
func parseWrk(said string) (outcome, error) {
	w := saying{said: said}
	o := outcome{
		requests: w.integer(w.find(`^ +(\d+) requests in `)[1]),
		rps:      w.float(w.find(`^Requests/sec: +([\d.]+)$`)[1]),
		p50:      w.duration(w.find(`^ +50% +(\S+)$`)[1]),
		p99:      w.duration(w.find(`^ +99% +(\S+)$`)[1]),
	}
	if e := w.has(`^ +Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)$`); e != nil {
		for _, count := range e[1:] {
			o.failed += w.integer(count)
		}
	}
	if e := w.has(`^ +Non-2xx or 3xx responses: (\d+)$`); e != nil {
		o.failed += w.integer(e[1])
	}
	return o, w.err
}

// parseH2load reads what h2load says. Of latency it knows no percentiles, which its log has.
func parseH2load(said string) (outcome, error) {
	w := saying{said: said}
	counts := w.find(`^requests: .* (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout$`)
	codes := w.find(`^status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx$`)
	o := outcome{rps: w.float(w.find(`^finished in \S+, ([\d.]+) req/s, `)[1]), requests: w.integer(counts[2])}
	for _, failed := range append(counts[3:], codes[2]) { // it takes 3xx for a success
		o.failed += w.integer(failed)
	}
	return o, w.err
}

// parseH2loadLog reads the latencies of the requests in a log of h2load, whose lines are when each
// began, its status and how long it took, in microseconds.
func parseH2loadLog(log string) (p50, p99 time.Duration, err error) {
	var all []time.Duration
	for line := range strings.Lines(log) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if len(fields) < 3 {
			return 0, 0, fmt.Errorf("%q is no line of the log", line)
		}
		us, err := strconv.ParseFloat(fields[2], 64)
		if err != nil {
			return 0, 0, fmt.Errorf("%q: %w", line, err)
		}
		all = append(all, time.Duration(us*float64(time.Microsecond)))
	}
	if len(all) == 0 {
		return 0, 0, errors.New("the log has no request")
	}
	slices.Sort(all)
	return all[(len(all)-1)*50/100], all[(len(all)-1)*99/100], nil
}

// parseRedisBenchmark reads what redis-benchmark says with --csv, by the names of its tests. Of how
// many requests it was asked for it says nothing.
func parseRedisBenchmark(said string) (map[string]outcome, error) {
	r := csv.NewReader(strings.NewReader(said))
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	all := map[string]outcome{}
	for i, row := range rows {
		if i == 0 {
			if len(row) != 8 || row[1] != "rps" || row[4] != "p50_latency_ms" || row[6] != "p99_latency_ms" {
				return nil, fmt.Errorf("%q are no titles of redis-benchmark", row)
			}
			continue
		}
		w := saying{}
		all[row[0]] = outcome{rps: w.float(row[1]), p50: w.latency(row[4], time.Millisecond), p99: w.latency(row[6], time.Millisecond)}
		if w.err != nil {
			return nil, w.err
		}
	}
	if len(all) == 0 {
		return nil, errors.New("redis-benchmark says nothing")
	}
	return all, nil
}

// parseSockperf reads what sockperf says of whole round trips (--full-rtt).
func parseSockperf(said string) (outcome, error) {
	w := saying{said: said}
	valid := w.find(`\[Valid Duration\] RunTime=([\d.]+) sec; SentMessages=(\d+); ReceivedMessages=(\d+)`)
	o := outcome{
		requests: w.integer(valid[3]),
		failed:   w.integer(valid[2]) - w.integer(valid[3]),
		p50:      w.latency(w.find(`percentile 50\.000 = +([\d.]+)`)[1], time.Microsecond),
		p99:      w.latency(w.find(`percentile 99\.000 = +([\d.]+)`)[1], time.Microsecond),
	}
	o.beside = w.integer(w.find(`\[Total Run\] .* ReceivedMessages=(\d+)`)[1]) - o.requests
	if seconds := w.float(valid[1]); seconds > 0 {
		o.rps = float64(o.requests) / seconds
	}
	w.find(`Round trip is [\d.]+ usec`) // and not half of one
	for _, lost := range w.find(`# dropped messages = (\d+); # duplicated messages = (\d+); # out-of-order messages = (\d+)`)[1:] {
		o.failed += w.integer(lost)
	}
	return o, w.err
}

// parseAB reads what ab says.
func parseAB(said string) (outcome, error) {
	w := saying{said: said}
	o := outcome{
		requests: w.integer(w.find(`^Complete requests: +(\d+)$`)[1]),
		failed:   w.integer(w.find(`^Failed requests: +(\d+)$`)[1]),
		rps:      w.float(w.find(`^Requests per second: +([\d.]+) `)[1]),
		p50:      w.latency(w.find(`^ +50% +(\d+)$`)[1], time.Millisecond),
		p99:      w.latency(w.find(`^ +99% +(\d+)$`)[1], time.Millisecond),
	}
	if e := w.has(`^Non-2xx responses: +(\d+)$`); e != nil {
		o.failed += w.integer(e[1])
	}
	return o, w.err
}

// recorded is what a client has said once, a file of testdata.
func recorded(t *testing.T, name string) string {
	t.Helper()
	said, err := os.ReadFile(filepath.Join("testdata", "others", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(said)
}

func TestParseOthers(t *testing.T) {
	const us, ns = time.Microsecond, time.Nanosecond
	redis := func(said string) (outcome, error) {
		all, err := parseRedisBenchmark(said)
		return all["SET"], err
	}
	for _, tt := range []struct {
		file  string
		parse func(string) (outcome, error)
		want  outcome
	}{
		{"wrk.txt", parseWrk, outcome{requests: 116353, rps: 116226.2, p50: 266 * us, p99: 738 * us}},
		{"wrk-404.txt", parseWrk, outcome{requests: 108026, failed: 108026, rps: 98228.94, p50: 32 * us, p99: 97 * us}},
		{"h2load.txt", parseH2load, outcome{requests: 111772, rps: 111772}},
		{"h2load-404.txt", parseH2load, outcome{failed: 100, rps: 38491.15}},
		{"ab.txt", parseAB, outcome{requests: 100, rps: 77459.33}},
		{"ab-404.txt", parseAB, outcome{requests: 100, failed: 100, rps: 24183.8}},
		{"redis-benchmark.csv", redis, outcome{rps: 75757.58, p50: 367 * us, p99: 3095 * us}},
		{"sockperf.txt", parseSockperf, outcome{requests: 28453, beside: 23241, rps: 28453 / 0.55, p50: 11864 * ns, p99: 39745 * ns}},
		{"sockperf-udp.txt", parseSockperf, outcome{requests: 30847, beside: 41199, rps: 56599.99999999999, p50: 9526 * ns, p99: 84908 * ns}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			said := recorded(t, tt.file)
			if got, err := tt.parse(said); got != tt.want || err != nil {
				t.Errorf("%+v, %v; want %+v", got, err, tt.want)
			}
			for _, cut := range []string{"", said[:len(said)/3], "connection refused\n"} {
				if got, err := tt.parse(cut); err == nil {
					t.Errorf("%q is read as %+v", cut, got)
				}
			}
		})
	}
}

func TestParseH2loadLog(t *testing.T) {
	var log strings.Builder
	for i := range 101 {
		fmt.Fprintf(&log, "%d\t200\t%d\n", 1700000000000000+i, 300-i)
	}
	if p50, p99, err := parseH2loadLog(log.String()); p50 != 250*time.Microsecond || p99 != 299*time.Microsecond || err != nil {
		t.Errorf("%v, %v, %v", p50, p99, err)
	}
	for _, wrong := range []string{"", "1\t200\n", "1\t200\tsoon\n"} {
		if p50, _, err := parseH2loadLog(wrong); err == nil {
			t.Errorf("%q: %v", wrong, p50)
		}
	}
}
