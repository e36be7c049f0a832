package results

import (
	"slices"
	"strings"
	"testing"
)

// knob is one at the values s, m, l and xl, of which l is the default.
func knob(frugal bool) Tuned {
	t := Tuned{Model: "goroutine", Knob: "size", Default: "size=l", Metric: ServerCPU.Name, Frugal: frugal}
	for _, v := range []string{"s", "m", "l", "xl"} {
		t.Settings = append(t.Settings, Setting{Row: "size=" + v, Value: strings.ToUpper(v), Go: "set(" + v + ")"})
	}
	return t
}

// tried is blocks of the values, which cost so many ns a request in this order. A
// larger value takes more memory.
func tried(blocks, payload int, costs ...float64) []Trial {
	k := knob(false)
	byRow := map[string]float64{}
	for i, s := range k.Settings {
		byRow[s.Row] = costs[i]
	}
	trials := race(blocks, byRow, k.rows()...)
	for i := range trials {
		t := &trials[i]
		t.PayloadBytes, t.Trial, t.Block = payload, payload*1000+t.Trial, payload*1000+t.Block
		t.Pipeline = 1
		t.ServerIdle = &IdleMemory{Connections: 256, ResidentBytes: float64(4096*k.setting(t.Model) + 10*i%7)}
	}
	return trials
}

func TestTuneRecommends(t *testing.T) {
	few := tried(3, 64, 9000, 7000, 5000, 5000)
	failed := tried(8, 64, 5600, 5000, 5000, 5000)
	alone := tried(8, 64, 5600, 5000, 5000, 5000)
	for i := range failed {
		failed[i].Verdicts = []string{Noisy}
		if alone[i].Model != "size=m" {
			alone[i].Verdicts = []string{Noisy}
		}
	}
	for _, test := range []struct {
		name   string
		trials []Trial
		frugal bool
		want   string // row
		why    string // part of it
	}{
		{"the smallest of the best", tried(8, 64, 5600, 5000, 5000, 5000), true, "size=m", ""},
		{"the default where size takes nothing", tried(8, 64, 5600, 5000, 5000, 5000), false, "size=l", ""},
		{"not a default that is worse", tried(10, 64, 9000, 5000, 7000, 5000), false, "size=m", ""},
		{"the best of all points", slices.Concat(tried(8, 64, 5600, 5000, 5000, 5000), tried(10, 4096, 90000, 80000, 50000, 50000)), true, "size=l", ""},
		{"the least behind", slices.Concat(tried(10, 64, 5000, 5500, 7000, 9000), tried(10, 4096, 90000, 56000, 70000, 50000)), true, "size=m", "no value is among the best everywhere; this one is never more than 1.1"},
		{"nothing of few trials", few, true, "", "too few valid trials"},
		{"nothing of noise", failed, true, "", "no value has a valid trial"},
		{"the only one that is valid", alone, true, "size=m", ""},
		{"nothing of nothing", nil, true, "", "no value has a valid trial"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := Tune(knob(test.frugal), test.trials).Advice
			got := ""
			if a.Setting != nil {
				got = a.Setting.Row
			}
			if got != test.want || !strings.Contains(a.Why, test.why) || test.why == "" && a.Why != "" {
				t.Errorf("recommends %q: %q, want %q: %q", got, a.Why, test.want, test.why)
			}
		})
	}
}

// A value that is behind is not recommended, though it takes the least memory.
func TestTuneIsNotMisledByFrugality(t *testing.T) {
	tuning := Tune(knob(true), tried(8, 64, 5600, 5000, 5000, 5000))
	p := tuning.Points[0]
	if s := p.standing("size=s"); s == nil || slices.Contains(p.Alike, "size=s") {
		t.Errorf("%+v, alike %v", s, p.Alike)
	}
	if got := tuning.Advice.Setting; got == nil || got.Row != "size=m" {
		t.Errorf("recommends %+v", got)
	}
}

func TestTuneComparesWithTheDefault(t *testing.T) {
	tuning := Tune(knob(true), tried(10, 64, 9000, 5000, 7000, 7000))
	gain, idle := tuning.Points[0].Gain, tuning.Advice.Idle
	if gain == nil || !gain.Ratio.Overlaps(0.70, 0.73) || gain.Trials != 10 {
		t.Errorf("gain %+v", gain)
	}
	if idle == nil || !idle.Overlaps(-4110, -4080) {
		t.Errorf("an idle connection takes %+v more", idle)
	}
	without := tried(10, 64, 9000, 5000, 7000, 7000)
	for i := range without {
		without[i].ServerIdle = nil
	}
	if a := Tune(knob(true), without).Advice; a.Idle != nil || a.Loaded == nil {
		t.Errorf("without idle connections: %+v", a)
	}
}

// storm is blocks of 64 clients that connect at once, to a small backlog and to large ones.
func storm(blocks int) []Trial {
	trials := tried(blocks, 64, 9000, 5000, 5000, 5000)
	for i := range trials {
		t := &trials[i]
		t.ConnectLatency = &Latency{P50: 20e3, P99: Nanos(100 * t.ServerCPUPerRequest)}
		t.Kernel, t.Errors = &Kernel{}, map[string]int64{}
		switch t.Model {
		case "size=s":
			t.Errors["connect_timeout"], t.ClientsServed = 4, 60
			t.Kernel = &Kernel{ListenOverflows: 320, Retransmits: 250, SynRetransmits: new(int64(240))}
			t.Verdicts = []string{Errors, Little}
		case "size=xl":
			t.Verdicts = []string{Noisy}
		}
	}
	return trials
}

func stormKnob() Tuned {
	k := knob(false)
	k.Knob, k.Metric, k.InFlight = "backlog", ConnectP99.Name, map[int]int{64: 64}
	return k
}

// Of a storm only connecting counts: what was never connected is infinitely late.
func TestTuneStorm(t *testing.T) {
	p := Tune(stormKnob(), storm(10)).Points[0]
	s := p.standing("size=s")
	if s == nil || s.First != 4 || s.Value.Estimate != neverConnected || p.standing("size=xl") == nil {
		t.Errorf("%+v", p.Standings)
	}
	if slices.Contains(p.Alike, "size=s") || len(p.Alike) != 3 {
		t.Errorf("alike: %v", p.Alike)
	}
}
