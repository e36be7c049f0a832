package results

import (
	"encoding/json"
	"math"
	"testing"
	"time"
)

func TestPercentile(t *testing.T) {
	for _, test := range []struct {
		name                 string
		answered, unanswered int // the answered took 1, 2, 3, ... µs
		p                    float64
		want                 Nanos
	}{
		{"only unanswered", 0, 3, 50, Infinite},
		{"one request", 1, 0, 99.9, 1e3},
		{"lowest", 100, 0, 0, 1e3},
		{"median", 100, 0, 50, 50e3},
		{"odd median", 5, 0, 50, 3e3},
		{"p99", 100, 0, 99, 99e3},
		{"all", 100, 0, 100, 100e3},
		{"unanswered push up", 50, 50, 25, 25e3},
		{"last answered", 50, 50, 50, 50e3},
		{"past the answered", 50, 50, 51, Infinite},
		{"p99 with one in a hundred unanswered", 99, 1, 99, 99e3},
		{"p99 with two in a hundred unanswered", 98, 2, 99, Infinite},
		{"p99.9 with one in a thousand unanswered", 999, 1, 99.9, 999e3},
		{"p99.9 with two in a thousand unanswered", 998, 2, 99.9, Infinite},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := NewHistogram()
			for i := range test.answered {
				if err := h.RecordValue(int64(i+1) * 1000); err != nil {
					t.Fatal(err)
				}
			}
			if got := Percentile(h, int64(test.unanswered), test.p); !near(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// near allows what a histogram of three significant digits loses.
func near(got, want Nanos) bool {
	return got == want || math.Abs(float64(got-want)) <= 1e-3*float64(want)
}

func TestLatencyOf(t *testing.T) {
	h := NewHistogram()
	for _, d := range []time.Duration{time.Millisecond, 3 * time.Millisecond} {
		if err := h.RecordValue(int64(d)); err != nil {
			t.Fatal(err)
		}
	}
	answered := LatencyOf(h, 0)
	if !near(answered.P50, 1e6) || !near(answered.P999, 3e6) || !near(answered.Max, 3e6) || !near(answered.Mean, 2e6) {
		t.Errorf("all answered: %+v", answered)
	}
	some := LatencyOf(h, 2)
	if !near(some.P50, 3e6) || !some.P90.IsInf() || !some.Max.IsInf() || !near(some.Mean, 2e6) {
		t.Errorf("half answered: %+v", some)
	}
	if none := LatencyOf(NewHistogram(), 1); !none.P50.IsInf() || !none.Max.IsInf() || !none.Mean.IsInf() {
		t.Errorf("none answered: %+v, want infinity throughout", none)
	}
}

func TestHistogramHoldsTheLongestTimeout(t *testing.T) {
	h := NewHistogram()
	if err := h.RecordValue(int64(MaxLatency)); err != nil {
		t.Error(err)
	}
	if err := h.RecordValue(int64(2 * MaxLatency)); err == nil {
		t.Error("twice MaxLatency was recorded, want an error to count")
	}
}

func TestLatencyJSON(t *testing.T) {
	latency := Latency{P50: 1234.4, P90: 2e3, P99: Infinite, P999: Infinite, Max: Infinite, Mean: 1500.6}
	got, err := json.Marshal(latency)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"p50":1234,"p90":2000,"p99":null,"p999":null,"max":null,"mean":1501}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var back Latency
	if err := json.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	if want := (Latency{P50: 1234, P90: 2000, P99: Infinite, P999: Infinite, Max: Infinite, Mean: 1501}); back != want {
		t.Errorf("read back %+v, want %+v", back, want)
	}
}

func TestNanosUnmarshalRejects(t *testing.T) {
	for _, input := range []string{`"12ms"`, `{}`, `true`, `[1]`} {
		var n Nanos
		if err := json.Unmarshal([]byte(input), &n); err == nil {
			t.Errorf("%s was read as %v, want an error", input, n)
		}
	}
}

func TestNanosString(t *testing.T) {
	for _, test := range []struct {
		n    Nanos
		want string
	}{
		{0, "0 ns"},
		{7.4, "7 ns"},
		{999.4, "999 ns"},
		{999.6, "1 µs"},
		{1e3, "1 µs"},
		{16_840, "16.8 µs"},
		{999_400, "999 µs"},
		{999_600, "1 ms"},
		{12_345_678, "12.3 ms"},
		{999.6e6, "1 s"},
		{1.5e9, "1.5 s"},
		{Nanos(MaxLatency), "600 s"},
		{Infinite, "∞"},
	} {
		if got := test.n.String(); got != test.want {
			t.Errorf("Nanos(%v).String() = %q, want %q", float64(test.n), got, test.want)
		}
	}
}
