package sweep

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"connbench/loadgen"
)

func TestRateList(t *testing.T) {
	spiked, ramp := Rate{Profile: "5000,spike=50000@3s+1s"}, Rate{Profile: "1000..20000/10s"}
	for text, want := range map[string][]Rate{
		"":                                       nil,
		"100":                                    Rates(100),
		"100,2.5e3":                              Rates(100, 2500),
		"5000,spike=50000@3s+1s":                 {spiked},
		"100,5000,spike=50000@3s+1s,7":           {{RPS: 100}, spiked, {RPS: 7}},
		"1000..20000/10s,5000,spike=50000@3s+1s": {ramp, spiked},
		"1,spike=2@1s+1s,spike=3@2s+1s":          {{Profile: "1,spike=2@1s+1s,spike=3@2s+1s"}},
	} {
		var l RateList
		if err := l.UnmarshalText([]byte(text)); err != nil || !slices.Equal(l, want) {
			t.Errorf("%q: %v, %v", text, l, err)
		}
		b, err := json.Marshal([]Rate(l))
		var again []Rate
		if err != nil || json.Unmarshal(b, &again) != nil || !slices.Equal(again, want) {
			t.Errorf("%q is written as %s, %v, and read as %v", text, b, err, again)
		}
	}
	for _, text := range []string{",", "5,", "spike=5@1s+1s", "5,spike=", "x", "nan", "1,2,3,x"} {
		var l RateList
		if err := l.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), "is not a rate") {
			t.Errorf("%q: %v, %v", text, l, err)
		}
	}
	var r Rate
	if err := json.Unmarshal([]byte(`[1]`), &r); err == nil {
		t.Error("a list was read as a rate")
	}
}

func TestRateOfALoad(t *testing.T) {
	s := loadgen.DefaultSpec()
	Rate{Profile: "1000,spike=5000@1s+1s"}.put(&s)
	if s.Rate != 0 || s.Profile.String() != "1000,spike=5000@1s+1s" {
		t.Errorf("got %v, %v", s.Rate, s.Profile)
	}
	if (Rate{RPS: 5}).put(&s); s.Rate != 5 || !s.Profile.IsZero() {
		t.Errorf("got %v, %v", s.Rate, s.Profile)
	}
	if mean := (Rate{Profile: "1000,spike=5000@1s+1s"}).mean(4 * time.Second); mean != 2000 {
		t.Errorf("%v/s on average", mean)
	}
}
