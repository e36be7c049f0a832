package pace

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func parsed(t testing.TB, text string) (p Profile) {
	t.Helper()
	if err := p.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestProfileOfText(t *testing.T) {
	for text, want := range map[string]Profile{
		"5000":              {Rate: 5000},
		"2.5e3":             {Rate: 2500},
		"0":                 {},
		"1000..20000/10s":   {Rate: 1000, To: 20000, Within: 10 * time.Second},
		"1e3..0.5/1m30s":    {Rate: 1000, To: 0.5, Within: 90 * time.Second},
		"5,spike=50@3s+1s":  {Rate: 5, Spikes: []Spike{{50, 3 * time.Second, time.Second}}},
		"5,spike=1e1@0s+1s": {Rate: 5, Spikes: []Spike{{10, 0, time.Second}}},
		"1..2/1s,spike=8@4s+1s,spike=9@2s+1s": { // in the order of time
			Rate: 1, To: 2, Within: time.Second, Spikes: []Spike{{9, 2 * time.Second, time.Second}, {8, 4 * time.Second, time.Second}},
		},
	} {
		p := parsed(t, text)
		if diff := cmp.Diff(want, p); diff != "" {
			t.Errorf("%s (-want +got)\n%s", text, diff)
		}
		b, err := json.Marshal(struct {
			P Profile `json:"p,omitzero"`
		}{p})
		if err != nil || string(b) == "{}" != p.IsZero() {
			t.Errorf("%s: written as %s, %v", text, b, err)
		}
	}
	for _, text := range []string{
		"", "x", "inf", "nan", "1e400", "5000/s", "1000..", "..5", "1000..2000", "1..0/1s", "1..2/x", "1..2..3/1s", "1000..2000/10", "5,", ",5", "5,spike", "5,spike=", "5,spike=6",
		"5,spike=6@1s", "5,spike=6@1s+", "5,spike=6@+1s", "5,spike=@1s+1s", "5,spike=nan@1s+1s", "spike=5@1s+1s", "5,5", "5,SPIKE=6@1s+1s", "5, spike=6@1s+1s",
	} {
		var p Profile
		if err := p.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), "5000,spike=50000@3s+1s") {
			t.Errorf("%q: %v, %v", text, p, err)
		}
	}
}

func TestProfileValidate(t *testing.T) {
	for text, want := range map[string]string{
		"5000": "", "1..2/10s": "", "1..2/9s,spike=5@0s+1s,spike=5@1s+9s": "", "1e8": "", "1e-6": "",
		"0": "from 1e-6", "-1": "from 1e-6", "2e8": "from 1e-6", "1..3e8/1s": "from 1e-6", "1,spike=0@1s+1s": "from 1e-6",
		"1..2/11s": "ends within the window of 10s", "1..2/0s": "more than 0s", "1..2/-1s": "more than 0s",
		"1,spike=2@-1s+1s": "begin at 0s", "1,spike=2@1s+0s": "last more than 0s", "1,spike=2@1s+-1s": "last more than 0s", "1,spike=2@9s+2s": "end within the window",
		"1,spike=2@2000000h+2000000h":              "end within the window",
		"1,spike=2@1s+2s,spike=2@2s+1s":            "when the one before is over",
		"1" + strings.Repeat(",spike=2@1s+1s", 21): "up to 20",
	} {
		if got := parsed(t, text).Validate(10 * time.Second); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestCurve(t *testing.T) {
	// 1 s at 1000/s; then in 10 s up to 3000/s, but for a spike from 2 s on for 2 s.
	c := parsed(t, "1000..3000/10s,spike=10000@2s+2s").Curve(time.Second)
	for at, want := range map[time.Duration]float64{
		0:                       0,
		500 * time.Millisecond:  500,
		time.Second:             1000,
		3 * time.Second:         1000 + 2*1200,
		4 * time.Second:         1000 + 2*1200 + 10000,
		5 * time.Second:         1000 + 2*1200 + 20000,
		11 * time.Second:        1000 + 2*1200 + 20000 + 6*2400,
		12 * time.Second:        1000 + 2*1200 + 20000 + 6*2400 + 3000,
		4500 * time.Millisecond: 1000 + 2*1200 + 15000,
	} {
		if got := c.Before(at); math.Abs(got-want) > 1e-6 {
			t.Errorf("%v requests before %v, want %v", got, at, want)
		}
		if got := c.When(want); math.Abs(got-at.Seconds()) > 1e-9 {
			t.Errorf("request %v is due at %v s, want %v", want, got, at)
		}
	}
	if got := c.Mean(time.Second, 11*time.Second); math.Abs(got-(2*1200+20000+6*2400)/10.) > 1e-6 {
		t.Errorf("%v/s on average", got)
	}
}

// FuzzProfile: no text makes reading panic; what was read is written so that it is read as the same;
// and of what can be run the requests come in order, as many as are due.
func FuzzProfile(f *testing.F) {
	for _, text := range []string{"5000", "1000..20000/10s", "5000,spike=50000@3s+1s", "20000..0.000001/10s,spike=1e8@0s+1ns,spike=3@9.999999999s+1ns", "1..1/1s", "-1,spike=1e308@-1s+1h"} {
		f.Add(text)
	}
	const window = 10 * time.Second
	f.Fuzz(func(t *testing.T, text string) {
		var p, again Profile
		if p.UnmarshalText([]byte(text)) != nil {
			return
		}
		if err := again.UnmarshalText([]byte(p.String())); err != nil || !cmp.Equal(p, again) {
			t.Fatalf("%q is %v, read again %v, %v", text, p, again, err)
		}
		if p.Validate(window) != "" {
			return
		}
		c := p.Curve(time.Second)
		all, last := c.Before(11*time.Second), -1.0
		for i := range 100 {
			k := all * float64(i) / 100
			at := c.When(k)
			if at < last-1e-9 || at > 11+1e-6 {
				t.Fatalf("%v: request %v of %v is due at %v after %v", p, k, all, at, last)
			}
			last = at
			if before := c.Before(Seconds(at)); math.Abs(before-k) > 1e-6*all+2e-9*MaxRate { // of times to a nanosecond
				t.Fatalf("%v: request %v is due at %v, before which there are %v", p, k, at, before)
			}
		}
	})
}
