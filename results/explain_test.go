package results

import (
	"strings"
	"testing"
)

// What is said of a client that limits a trial follows from why it does.
func TestExplainClientBound(t *testing.T) {
	late := func(busy float64) func(*Trial) {
		return func(t *Trial) {
			t.Client.Pacing.P99, t.ResponseLatency.P99, t.Client.CPUFraction = 2e6, 5e6, busy
		}
	}
	for _, row := range []struct {
		name         string
		trial        Trial
		said, silent string
	}{
		{"a closed loop", with(sound(), func(t *Trial) { t.Client.CPUFraction = 0.97 }), "the client was the limit, not the server, as its threads had a CPU for 97 % of the time: give it more CPUs", "late"},
		{"late and idle", with(soundOpen(), late(0.3)), "the client sent one request in a hundred 2 ms late or later, though its threads had a CPU for 30 % of the time: more CPUs would not help", "give it"},
		{"late and busy", with(soundOpen(), late(0.93)), "2 ms late or later, as its threads had a CPU for 93 % of the time: give it more CPUs", "would not help"},
		{"a busy host", with(sound(), onHosts(Host{Name: "a", CPUFraction: 0.5}, Host{Name: "b", CPUFraction: 0.96})), "host b of the clients was the limit", "host a"},
		{"late hosts", with(soundOpen(), onHosts(Host{Name: "a", CPUFraction: 0.2, PacingP99: nanos(1e6)}, Host{Name: "b", CPUFraction: 0.9, PacingP99: nanos(3e6)})),
			"host a of the clients sent one request in a hundred 1 ms late or later, though", "the client "},
		{"busy, as others are", with(sound(), func(t *Trial) { t.Client.CPUFraction, t.Verdicts = 0.97, []string{ClientBound, Noisy} }), "others had the machine too, measure again", "more CPUs"},
		{"a record without it", Trial{Loop: OpenLoop, Verdicts: []string{ClientBound}}, "in a closed loop it had no CPU time left", "%"},
	} {
		limits := ClientLimits(&row.trial)
		if row.trial.Client != nil && len(limits) == 0 {
			t.Errorf("%s: nothing limits", row.name)
		}
		if got := Explain(ClientBound, limits...); !strings.Contains(got, row.said) || strings.Contains(got, row.silent) {
			t.Errorf("%s: %q, want %q and not %q", row.name, got, row.said, row.silent)
		}
	}
}

// Of many trials each reason is said once, with the worst of it.
func TestMergeLimits(t *testing.T) {
	merged := MergeLimits([]ClientLimit{
		{Late: 1e6, Busy: 0.9, Noisy: true}, {Busy: 0.96, Noisy: true}, {Late: 3e6, Busy: 0.1}, {Host: "b", Late: 1e6, Busy: 0.3, Noisy: true}, {Busy: 0.99, Noisy: true},
	})
	want := []ClientLimit{{Late: 3e6, Busy: 0.1, Worst: true}, {Busy: 0.99, Noisy: true, Worst: true}, {Host: "b", Late: 1e6, Busy: 0.3, Noisy: true}}
	if got := merged[0].String(); !strings.HasPrefix(got, "in the worst trial the client sent one request in a hundred 3 ms late") {
		t.Error(got)
	}
	if len(merged) != len(want) {
		t.Fatalf("%v", merged)
	}
	for i := range want {
		if merged[i] != want[i] {
			t.Errorf("%v, want %v", merged[i], want[i])
		}
	}
}

func TestOtherProtocol(t *testing.T) {
	for _, row := range []struct {
		framing, class, want string
	}{
		{"length", "closed", "the server ends connections at requests in length framing: it may speak another, or TLS"},
		{"raw", "reset", "the server ends connections at requests in raw framing"},
		{"http", "mismatch", "what the server sends is no answer to requests in http framing"},
		{"line", "read_timeout", "the server leaves unanswered requests in line framing"},
		{"http", "status_4xx", ""},
		{"length", "refused", ""},
		{Datagram, "mismatch", ""},
	} {
		got := OtherProtocol(row.framing, map[string]int64{row.class: 3})
		if row.want == "" && got != "" || !strings.HasPrefix(got, row.want) {
			t.Errorf("%s, %s: %q, want %q", row.framing, row.class, got, row.want)
		}
	}
}
