package stats

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"connbench/results"
)

// oneTo has the latencies 1, 2, … n µs, times by.
func oneTo(n, by int64) *hdrhistogram.Histogram {
	h := results.NewHistogram()
	for i := int64(1); i <= n; i++ {
		h.RecordValue(i * by * 1000)
	}
	return h
}

func TestPercentilesOf(t *testing.T) {
	for _, test := range []struct {
		name     string
		trials   []responses
		steps    int
		at       int // a step
		want     float64
		min, max float64
	}{
		{"none", nil, 0, 0, 0, 0, 0},
		{"few requests", []responses{{oneTo(4, 1), 0}}, 0, 0, 0, 0, 0},
		{"the lowest", []responses{{oneTo(1000, 1), 0}}, 24, 0, 1e3, 1e3, 1e3},
		{"p90", []responses{{oneTo(1000, 1), 0}}, 24, 10, 900e3, 900e3, 900e3},
		{"median of three", []responses{{oneTo(1000, 1), 0}, {oneTo(1000, 3), 0}, {oneTo(1000, 2), 0}}, 24, 10, 1800e3, 900e3, 2700e3},
		{"the fewest count", []responses{{oneTo(1000, 1), 0}, {oneTo(50, 20), 0}}, 11, 10, 900e3, 900e3, 900e3},
		{"one of two infinite", []responses{{oneTo(1000, 1), 0}, {oneTo(800, 1), 200}}, 24, 10, math.Inf(1), 900e3, math.Inf(1)},
		{"unanswered", []responses{{oneTo(800, 1), 200}}, 24, 10, math.Inf(1), math.Inf(1), math.Inf(1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := percentilesOf(test.trials)
			if len(got) != test.steps {
				t.Fatalf("%d steps, want %d", len(got), test.steps)
			}
			if len(got) == 0 {
				return
			}
			at := got[test.at]
			for _, v := range [][2]float64{{at.Estimate, test.want}, {at.Min, test.min}, {at.Max, test.max}} {
				if v[0] != v[1] && !(math.Abs(v[0]-v[1]) < 0.002*v[1]) {
					t.Errorf("one in %v: %+v, want %v from %v to %v", at.Beyond, at, test.want, test.min, test.max)
				}
			}
		})
	}
}

func TestInfiniteInterval(t *testing.T) {
	inf := math.Inf(1)
	for _, test := range []struct {
		values []float64
		want   Interval
	}{
		{[]float64{6, 5, 4, 3, 2, 1}, Interval{3.5, 1, 6}},
		{[]float64{inf, 5, 4, 3, 2, 1}, Interval{3.5, 1, inf}},
		{[]float64{inf, inf, inf, 3, 2, 1}, Interval{inf, 1, inf}},
		{[]float64{inf, inf, inf, inf, inf, inf}, Interval{inf, inf, inf}},
		{[]float64{inf, 1}, Interval{inf, math.Inf(-1), inf}},
	} {
		if got := infiniteInterval(test.values); got != test.want {
			t.Errorf("%v: %v, want %v", test.values, got, test.want)
		}
	}
}

func TestDistributions(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, h *hdrhistogram.Histogram) string {
		logged := map[string]*hdrhistogram.Histogram{responseTag: h, serviceTag: oneTo(1000, 9)}
		if name == "2" {
			logged = map[string]*hdrhistogram.Histogram{serviceTag: h}
		}
		log, err := results.EncodeLog(&results.Trial{StartedAt: time.Unix(1e9, 0), DurationNS: 1e8}, logged)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), log, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		return name
	}
	trial := func(n, attempt int, model, log string, verdicts ...string) results.Trial {
		return results.Trial{Trial: n, Attempt: attempt, Model: model, Clients: 1, Requests: 1000, Histograms: log, Verdicts: verdicts}
	}
	trials := []results.Trial{
		trial(0, 0, "a", write("0", oneTo(1000, 100)), results.Noisy), // repeated
		trial(0, 1, "a", write("0-1", oneTo(1000, 1))),
		trial(1, 0, "a", write("1", oneTo(1000, 50)), results.Noisy), // not valid, as the other is
		trial(2, 0, "b", write("2", oneTo(1000, 7)), results.Noisy),  // no other
		trial(3, 0, "c", "gone"),
		trial(4, 0, "d", ""),
	}
	points := Summarize(trials, []string{"a", "b", "c", "d"})
	got, err := Distributions(dir, points)
	if err == nil || !strings.Contains(err.Error(), "1 histogram log cannot be read, which the percentiles lack: lstat "+filepath.Join(dir, "gone")) {
		t.Errorf("error %v, want one that names the log that is not there", err)
	}
	if len(got) != 2 || got[0].Model != "a" || got[1].Model != "b" {
		t.Fatalf("%+v, want those of a and b", got)
	}
	for i, want := range []float64{900e3, 6300e3} {
		if p90 := got[i].Percentiles[10].Estimate; math.Abs(p90-want) > 0.002*want {
			t.Errorf("%s has %v, want %v", got[i].Model, p90, want)
		}
	}
}

// A log that is not what its trial names it for is not ignored, and the others are read.
func TestDistributionsOfSpoiltLogs(t *testing.T) {
	log, err := results.EncodeLog(&results.Trial{StartedAt: time.Unix(1e9, 0), DurationNS: 1e8}, map[string]*hdrhistogram.Histogram{serviceTag: oneTo(1000, 1)})
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(path string) error{
		"missing":   os.Remove,
		"empty":     func(path string) error { return os.Truncate(path, 0) },
		"truncated": func(path string) error { return os.Truncate(path, int64(len(log)-20)) },
		"random":    func(path string) error { return os.WriteFile(path, []byte("\x00\xff 17, 4"), 0o644) },
		"no base64": func(path string) error { return os.WriteFile(path, []byte("Tag=service,1,2,3,HISTFAAA!\n"), 0o644) },
		"a folder":  func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o755)) },
		"a device":  func(path string) error { return errors.Join(os.Remove(path), os.Symlink("/dev/zero", path)) },
		"endless":   func(path string) error { return os.Truncate(path, 1<<40) },
		"another's": func(path string) error {
			other, err := results.EncodeLog(&results.Trial{}, map[string]*hdrhistogram.Histogram{serviceTag: oneTo(999, 1)})
			return errors.Join(err, os.WriteFile(path, other, 0o644))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			trials := []results.Trial{{Model: "a", Requests: 1000, Histograms: "a"}, {Trial: 1, Model: "b", Requests: 1000, Histograms: "b"}}
			for _, trial := range trials {
				if err := os.WriteFile(filepath.Join(dir, trial.Histograms), log, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := spoil(filepath.Join(dir, "b")); err != nil {
				t.Fatal(err)
			}
			got, err := Distributions(dir, Summarize(trials, nil))
			if err == nil || !strings.Contains(err.Error(), "1 histogram log cannot be read") || !strings.Contains(err.Error(), filepath.Join(dir, "b")) {
				t.Errorf("error %v, want one that names the log", err)
			}
			if len(got) != 1 || got[0].Model != "a" {
				t.Errorf("%d distributions, want that of the other", len(got))
			}
		})
	}
}
