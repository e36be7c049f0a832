package sweep

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"connbench/loadgen"
)

func TestSize(t *testing.T) {
	for _, row := range []struct {
		text    string
		bytes   Size
		written string
	}{
		{"0", 0, "0B"},
		{"0KiB", 0, "0B"},
		{"1", 1, "1B"},
		{"64B", 64, "64B"},
		{"1023", 1023, "1023B"},
		{"1024", 1 << 10, "1KiB"},
		{"1025B", 1025, "1025B"},
		{"4KiB", 4 << 10, "4KiB"},
		{"1536KiB", 1536 << 10, "1536KiB"},
		{"1024KiB", 1 << 20, "1MiB"},
		{"3MiB", 3 << 20, "3MiB"},
		{"1GiB", 1 << 30, "1GiB"},
		{"1073741824", 1 << 30, "1GiB"},
	} {
		var s Size
		if err := s.UnmarshalText([]byte(row.text)); err != nil || s != row.bytes {
			t.Errorf("%s: %d, %v", row.text, s, err)
		}
		if b, err := s.MarshalText(); err != nil || string(b) != row.written {
			t.Errorf("%s is written as %s, %v", row.text, b, err)
		}
	}
	for _, text := range []string{
		"", "B", "KiB", "-1", "-1KiB", "1.5KiB", "1KB", "1kib", "1 KiB", "1KiB ", " 1", "1TiB", "0x10", "1e3", "1_000",
		"2GiB", "1025MiB", "1073741825", "99999999999999999999", "9223372036854775807GiB", "1KiBB", "٣",
	} {
		s := Size(7)
		if err := s.UnmarshalText([]byte(text)); err == nil || s != 7 {
			t.Errorf("%q was read as %d", text, s)
		}
	}
}

func TestPayload(t *testing.T) {
	for text, want := range map[string]Payload{
		"64B":                   {Size: 64},
		"64B*9+64KiB*1":         {Size: 6611, Mix: "64B*9+64KiB*1"},
		"1*1+2*1":               {Size: 2, Mix: "1B*1+2B*1"},
		"1GiB*1000000+1B*1+5*1": {Size: 1073739677, Mix: "1GiB*1000000+1B*1+5B*1"},
	} {
		var p, again Payload
		if err := p.UnmarshalText([]byte(text)); err != nil || p != want {
			t.Errorf("%s: %+v, %v", text, p, err)
		}
		if b, err := p.MarshalText(); err != nil || again.UnmarshalText(b) != nil || again != p {
			t.Errorf("%s is written as %s, %v", text, b, err)
		}
	}
	for text, why := range map[string]string{
		"64X": "not a size", "64B*9": "2 to 16 sizes", "64B*9+": "64B*9+64KiB*1", "64B+64KiB": "64B*9+64KiB*1", "64B*0+1B*1": "1 to 1000000 times", "64B*1+64B*2": "each size once",
		"64B*-1+1B*1": "64B*9+64KiB*1", "64B*9*9+1B*1": "64B*9+64KiB*1", "9*64B+1*64KiB": "64B*9+64KiB*1", "64B*9999999999999+1B*1": "64B*9+64KiB*1", "*": "64B*9+64KiB*1",
	} {
		p := Payload{Size: 7}
		if err := p.UnmarshalText([]byte(text)); err == nil || p.Size != 7 || !strings.Contains(err.Error(), why) {
			t.Errorf("%q was read as %+v, %v; want %q", text, p, err, why)
		}
	}
}

func TestPayloadOfALoad(t *testing.T) {
	s := loadgen.DefaultSpec()
	Payload{6611, "64B*9+64KiB*1"}.Put(&s)
	if s.PayloadBytes != 6611 || s.Mix.String() != "64B*9+64KiB*1" {
		t.Errorf("got %d, %v", s.PayloadBytes, s.Mix)
	}
	if Sizes(5)[0].Put(&s); s.PayloadBytes != 5 || s.Mix != nil {
		t.Errorf("got %d, %v", s.PayloadBytes, s.Mix)
	}
}

func FuzzPayload(f *testing.F) {
	for _, text := range []string{"64B", "64B*9+64KiB*1", "1*1+2*2+3*3", "+", "*", "1B*1000000+1GiB*1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var p, again Payload
		if p.UnmarshalText([]byte(text)) != nil {
			return
		}
		b, err := p.MarshalText()
		if err != nil || again.UnmarshalText(b) != nil || again != p || p.Size < 0 || p.Size > 1<<30 {
			t.Errorf("%q was read as %+v, and that as %+v", text, p, again)
		}
	})
}

func FuzzSize(f *testing.F) {
	for _, text := range []string{"0", "64B", "4KiB", "1MiB", "1GiB", "1073741824", "-1", "1.5KiB", "+4KiB"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var s Size
		if s.UnmarshalText([]byte(text)) != nil {
			return
		}
		if s < 0 || s > 1<<30 {
			t.Fatalf("%q was read as %d", text, int(s))
		}
		written, err := s.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var again Size
		if err := again.UnmarshalText(written); err != nil || again != s {
			t.Errorf("%q, written as %q, was read as %d and %d, %v", text, written, int(s), int(again), err)
		}
	})
}

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "0s": 0, "200ms": 200 * time.Millisecond, "1.5s": 1500 * time.Millisecond, "1m": time.Minute, "-1s": -time.Second,
	} {
		var d Duration
		if err := d.UnmarshalText([]byte(text)); err != nil || time.Duration(d) != want {
			t.Errorf("%s: %v, %v", text, d, err)
		}
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var again Duration
		if err := json.Unmarshal(b, &again); err != nil || again != d {
			t.Errorf("%s, written as %s, was read as %v, %v", text, b, again, err)
		}
	}
	for _, text := range []string{"", "5", "1 s", "s", "1sec", "1e3s", "99999999h"} {
		d := Duration(7)
		if err := d.UnmarshalText([]byte(text)); err == nil || d != 7 {
			t.Errorf("%q was read as %v", text, d)
		}
	}
}
