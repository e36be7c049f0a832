package results

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// seriesOf has parts of 100 ms of these p99 in milliseconds; 0 is a part without a request.
func seriesOf(spikes []Spike, p99s ...float64) *Series {
	s := &Series{PartNS: 100e6, Spikes: spikes}
	for _, p99 := range p99s {
		p := SeriesPart{AskedRPS: 100, AnsweredRPS: 90}
		if p99 != 0 {
			p.Latency = &PartLatency{Nanos(p99 / 2 * 1e6), Nanos(p99 * 1e6)}
		}
		s.Parts = append(s.Parts, p)
	}
	return s
}

func spikeAt(at, lasts int64) Spike { return Spike{RateRPS: 1000, AtNS: at * 1e6, ForNS: lasts * 1e6} }

func TestRecover(t *testing.T) {
	inf := math.Inf(1)
	const unknown = -1
	for _, test := range []struct {
		name           string
		spikes         []Spike
		p99s           []float64
		before, within []float64 // of each spike, in ms; -1 for not known
	}{
		{"at once", []Spike{spikeAt(200, 100)}, []float64{1, 1, 50, 1, 1}, []float64{1}, []float64{0}},
		{"after a while", []Spike{spikeAt(200, 100)}, []float64{1, 2, 50, 40, 20, 3.1, 3, 1}, []float64{1.5}, []float64{300}},
		{"never", []Spike{spikeAt(200, 100)}, []float64{1, 1, 50, 40, 40}, []float64{1}, []float64{unknown}},
		{"never, since all fail", []Spike{spikeAt(200, 100)}, []float64{1, 1, inf, inf}, []float64{1}, []float64{unknown}},
		{"not before the window's end", []Spike{spikeAt(200, 200)}, []float64{1, 1, 50, 1}, []float64{1}, []float64{unknown}},
		{"nothing before", []Spike{spikeAt(0, 100)}, []float64{50, 1, 1}, []float64{unknown}, []float64{unknown}},
		{"nothing but failures before", []Spike{spikeAt(100, 100)}, []float64{inf, 50, 1}, []float64{unknown}, []float64{unknown}},
		{"parts without a request", []Spike{spikeAt(200, 100)}, []float64{1, 0, 50, 0, 1, 1}, []float64{1}, []float64{100}},
		{"in the middle of parts", []Spike{spikeAt(150, 100)}, []float64{1, 50, 50, 1, 1}, []float64{1}, []float64{50}},
		{"a stall before", []Spike{spikeAt(300, 100)}, []float64{1, 90, 1, 80, 70, 1}, []float64{1}, []float64{100}},
		{
			"two, of which the first is not over when the second comes", []Spike{spikeAt(100, 100), spikeAt(400, 100)},
			[]float64{1, 50, 40, 30, 60, 50, 1}, []float64{1, 1}, []float64{unknown, 100},
		},
		{
			"two", []Spike{spikeAt(100, 100), spikeAt(400, 100)},
			[]float64{1, 50, 40, 2, 60, 3.1, 3}, []float64{1, 1.5}, []float64{100, 100},
		},
	} {
		s := seriesOf(test.spikes, test.p99s...)
		s.Recover()
		for i, spike := range s.Spikes {
			before, within := float64(unknown), float64(unknown)
			if spike.P99BeforeNS != nil {
				before = float64(*spike.P99BeforeNS) / 1e6
			}
			if spike.RecoveryNS != nil {
				within = float64(*spike.RecoveryNS) / 1e6
			}
			if before != test.before[i] || within != test.within[i] {
				t.Errorf("%s: spike %d: p99 %v before, recovered after %v; want %v and %v", test.name, i, before, within, test.before[i], test.within[i])
			}
		}
	}
}

// What is not known is not in the record, and infinity is.
func TestSeriesAsJSON(t *testing.T) {
	s := seriesOf([]Spike{spikeAt(0, 100), spikeAt(200, 100)}, 5, 0, math.Inf(1), 1)
	s.Recover()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"part_ns":100000000,"parts":[` +
		`{"asked_rps":100,"answered_rps":90,"response_latency_ns":{"p50":2500000,"p99":5000000}},` +
		`{"asked_rps":100,"answered_rps":90},` +
		`{"asked_rps":100,"answered_rps":90,"response_latency_ns":{"p50":null,"p99":null}},` +
		`{"asked_rps":100,"answered_rps":90,"response_latency_ns":{"p50":500000,"p99":1000000}}],` +
		`"spikes":[{"rate_rps":1000,"at_ns":0,"for_ns":100000000},{"rate_rps":1000,"at_ns":200000000,"for_ns":100000000}]}`
	if diff := cmp.Diff(want, string(b)); diff != "" {
		t.Error(diff)
	}
	var again Series
	if err := json.Unmarshal(b, &again); err != nil || Check(&again) != nil {
		t.Fatal(err, Check(&again))
	}
	if diff := cmp.Diff(s, &again); diff != "" {
		t.Errorf("read again (-want +got)\n%s", diff)
	}
}

func TestHighestP99AndTogether(t *testing.T) {
	s := seriesOf(nil, 1, 0, 9, 4)
	if p, at := s.HighestP99(); p != &s.Parts[2] || at != 200*time.Millisecond {
		t.Errorf("the highest is %+v at %v", p, at)
	}
	if asked, answered, l := s.Together(0, 4); asked != 100 || answered != 90 || *l != (PartLatency{2e6, 9e6}) {
		t.Errorf("together %v, %v, %+v", asked, answered, l)
	}
	if _, _, l := s.Together(1, 2); l != nil {
		t.Errorf("a latency of nothing: %+v", l)
	}
	if p, _ := (&Series{PartNS: 1}).HighestP99(); p != nil {
		t.Errorf("the highest of nothing is %+v", p)
	}
}

// changing is a sound trial whose rate changes, of a mix of payloads.
func changing() Trial {
	t := soundOpen()
	t.RateProfile = "1000..20000/1s,spike=50000@300ms+100ms"
	t.Series = seriesOf([]Spike{spikeAt(300, 100)}, 1, 0, 2, math.Inf(1), 50, 1)
	t.Series.Recover()
	t.PayloadMix = "64B*9+64KiB*1"
	t.Sizes = []OfSize{{PayloadBytes: 64, Requests: 9000, ResponseLatency: &Latency{P50: 1e5}}, {PayloadBytes: 64 << 10, Unanswered: 3}}
	return t
}

// A trial whose rate changes has halves that differ, which is no verdict against it.
func TestJudgeOfAProfile(t *testing.T) {
	trial := soundOpen()
	trial.Client.WindowMeanNS = tenths(1e5, 1e7)
	if v := Judge(&trial); len(v) != 1 || v[0] != NonStationary {
		t.Errorf("of one rate: %v", v)
	}
	trial.RateProfile = changing().RateProfile
	if v := Judge(&trial); len(v) != 0 {
		t.Errorf("of a rate that changes: %v", v)
	}
}
