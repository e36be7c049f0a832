package results

import (
	"math"
	"testing"
)

func TestBytes(t *testing.T) {
	for _, test := range []struct {
		n    int64
		want string
	}{
		{0, "0 B"},
		{64, "64 B"},
		{1023, "1023 B"},
		{1024, "1 KiB"},
		{1536, "1.5 KiB"},
		{4096, "4 KiB"},
		{65536, "64 KiB"},
		{1000 << 10, "1000 KiB"},
		{1023 << 10, "1023 KiB"},
		{1<<20 - 1, "1 MiB"},
		{1 << 20, "1 MiB"},
		{5 << 28, "1.25 GiB"},
		{3 << 50, "3072 TiB"},
	} {
		if got := Bytes(test.n); got != test.want {
			t.Errorf("Bytes(%d) = %q, want %q", test.n, got, test.want)
		}
	}
}

func TestCount(t *testing.T) {
	for _, test := range []struct {
		v    float64
		want string
	}{
		{0, "0"},
		{0.1234, "0.123"},
		{9.996, "10"},
		{15, "15"},
		{950, "950"},
		{999.4, "999"},
		{999.6, "1k"},
		{12_345, "12.3k"},
		{999_400, "999k"},
		{999_600, "1M"},
		{1_240_000, "1.24M"},
		{2_500_000_000, "2500M"},
		{-1.5, "-1.5"},
		{math.Inf(1), "∞"},
	} {
		if got := Count(test.v); got != test.want {
			t.Errorf("Count(%v) = %q, want %q", test.v, got, test.want)
		}
	}
}

func TestLoopLabel(t *testing.T) {
	for _, test := range []struct {
		loop     Loop
		arrivals string
		want     string
	}{
		{ClosedLoop, "", "saturated throughput (closed loop)"},
		{OpenLoop, "", "latency at the asked rate (open loop)"},
		{OpenLoop, "constant", "latency at the asked rate (open loop, constant arrivals)"},
	} {
		if got := (Key{Loop: test.loop, Arrivals: test.arrivals}).LoopLabel(); got != test.want {
			t.Errorf("%s, %q: %q, want %q", test.loop, test.arrivals, got, test.want)
		}
	}
}

// A closed loop whose clients pause is no saturated one, and what else they do stands in the label.
func TestLoopLabelSaysTheManner(t *testing.T) {
	for _, test := range []struct {
		trial Trial
		want  string
		paced bool
	}{
		{Trial{Loop: ClosedLoop, Pipeline: 1}, "saturated throughput (closed loop)", false},
		{Trial{Loop: ClosedLoop, Pipeline: 4}, "saturated throughput (closed loop, 4 requests of a client open)", false},
		{Trial{Loop: ClosedLoop, Pipeline: 1, RequestsPerConn: 1}, "saturated throughput (closed loop, a connection for 1 request)", false},
		{Trial{Loop: ClosedLoop, Pipeline: 1, ThinkNS: 5e6}, "closed loop, 5ms from an answer to the next request", true},
		{Trial{Loop: ClosedLoop, Pipeline: 4, ThinkNS: 5e6, RequestsPerConn: 10}, "closed loop, 5ms from an answer to the next request, 4 requests of a client open, a connection for 10 requests", true},
		{Trial{Loop: OpenLoop, Pipeline: 64, Arrivals: "poisson"}, "latency at the asked rate (open loop, poisson arrivals)", false},
	} {
		if k := test.trial.Key(); k.LoopLabel() != test.want || k.Paced() != test.paced {
			t.Errorf("%+v: %q, paced %v, want %q, %v", test.trial, k.LoopLabel(), k.Paced(), test.want, test.paced)
		}
	}
}

func TestEnvironmentLines(t *testing.T) {
	for _, test := range []struct {
		name               string
		env                Environment
		machine, placement string
	}{
		{
			"apart", Environment{CPU: "AMD  EPYC ", Cores: 2, Kernel: "6.18", ServerCPUs: "0", ClientCPUs: "1"},
			"AMD EPYC, 2 cores, kernel 6.18", "server on CPU 0, client on CPU 1",
		},
		{
			"shared", Environment{Cores: 1, ServerCPUs: "0", ClientCPUs: "0", SharedCPUs: true},
			"1 core", "server and client shared CPU 0: each took time from the other",
		},
		{
			"overlapping", Environment{ServerCPUs: "0-1", ClientCPUs: "1", SharedCPUs: true},
			"", "server on CPU 0-1, client on CPU 1: where they overlap, each took time from the other",
		},
		{
			"unknown", Environment{SharedCPUs: true},
			"", "server and client were not pinned and shared all CPUs: each took time from the other",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.env.Machine(); got != test.machine {
				t.Errorf("Machine() = %q, want %q", got, test.machine)
			}
			if got := test.env.Placement(); got != test.placement {
				t.Errorf("Placement() = %q, want %q", got, test.placement)
			}
		})
	}
}
