package read

import (
	"testing"

	"connbench/results"
	"connbench/results/resultstest"
)

func TestSLO(t *testing.T) {
	for text, want := range map[string]SLO{
		"p99<10ms":    {"p99", 10e6},
		"10ms":        {"p99", 10e6},
		"p50 < 200us": {"p50", 200e3},
		"p99.9<1s":    {"p999", 1e9},
	} {
		var s SLO
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Errorf("%s: %v, %v", text, s, err)
		}
		var again SLO
		if err := again.UnmarshalText([]byte(s.String())); err != nil || again != s {
			t.Errorf("%s is written as %s", text, s)
		}
	}
	for _, text := range []string{"", "p99", "p98<1ms", "p99<", "p99<-1ms", "p99<0s", "p99>1ms", "fast", "p99<1"} {
		if err := new(SLO).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is a limit", text)
		}
	}
}

func FuzzSLO(f *testing.F) {
	f.Add("p99<10ms")
	f.Add("p99.9<1.5s")
	f.Fuzz(func(t *testing.T, text string) {
		var s, again SLO
		if s.UnmarshalText([]byte(text)) != nil {
			return
		}
		if err := again.UnmarshalText([]byte(s.String())); err != nil || again != s {
			t.Errorf("%q is read as %v, which is read as %v: %v", text, s, again, err)
		}
	})
}

// contest4 is four rows at one point: two that are alike, one that costs more and is
// simpler, and one that is cheap and too slow.
func contest4(costs map[string]float64) Choice {
	models := []string{"plain", "fast", "twin", "late"}
	trials := resultstest.Race(14, costs, models...)
	for i := range trials {
		if trials[i].Model == "late" {
			trials[i].ResponseLatency.P99 = 20e6
		}
	}
	slo := SLO{"p99", 10e6}
	return Choose(trials, models, slo, map[string]int{"plain": 600, "fast": 1500, "twin": 1600})
}

func TestChoose(t *testing.T) {
	c := contest4(map[string]float64{"plain": 7000, "fast": 5000, "twin": 5000, "late": 3000})
	first := c.First()
	if len(first) != 2 || c.Candidates[2].Model != "plain" || c.Candidates[2].First != 2 || c.Candidates[3].Keeps || c.Simplest != 2 {
		t.Errorf("%+v", c)
	}
	for _, x := range first {
		if x.First != 1 || x.Last != 1 {
			t.Errorf("%+v", x)
		}
	}
	if c := Choose(nil, nil, SLO{"p99", 1}, nil); len(c.Candidates) != 0 || c.Simplest != -1 {
		t.Errorf("of nothing: %+v", c)
	}
	noisy := resultstest.Race(6, map[string]float64{"a": 1, "b": 2}, "a", "b")
	for i := range noisy {
		noisy[i].Verdicts = []string{results.Noisy}
	}
	if c := Choose(noisy, nil, SLO{"p99", 1e9}, nil); len(c.First()) != 0 {
		t.Errorf("of noise: %+v", c)
	}
}

func TestOvertaken(t *testing.T) {
	before := contest4(map[string]float64{"plain": 7000, "fast": 5000, "twin": 5000, "late": 3000})
	same := Change{Choice: contest4(map[string]float64{"plain": 7000, "fast": 5000, "twin": 6000, "late": 3000})}
	if same.Overtaken(&before) {
		t.Error("one of the two that were first still is")
	}
	other := Change{Choice: contest4(map[string]float64{"plain": 4000, "fast": 5000, "twin": 6000, "late": 3000})}
	if !other.Overtaken(&before) {
		t.Error("another one is first")
	}
}

// A choice must not take what was not measured for quick.
func TestChooseWithoutRequests(t *testing.T) {
	c := Choose([]results.Trial{resultstest.Empty()}, nil, SLO{"p99", 1e3}, nil)
	if x := c.Candidates[0]; x.Keeps || x.Why != "no valid trial" {
		t.Errorf("a row without any request: %+v", x)
	}
}
