package main

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"connbench/loadgen/sweep"
	"connbench/models"
	"connbench/models/all"
	"connbench/results/read"

	"github.com/google/go-cmp/cmp"
)

// planned is a plan of tune in short.
type planned struct {
	knob                string
	rows                string
	clients             []int
	payloads            []sweep.Payload
	pipeline, processes int
}

func plansOf(t *tune) []planned {
	var all []planned
	for i := range t.Knobs {
		k := &t.Knobs[i]
		for _, p := range k.Plans {
			rows := strings.Join(p.Models, " ")
			all = append(all, planned{k.Knob, strings.ReplaceAll(rows, k.Knob+"=", ""), p.Clients, p.Payloads, p.Pipeline, p.ClientProcesses})
		}
	}
	return all
}

func TestTunePlans(t *testing.T) {
	sizes := "16KiB 64KiB 256KiB 1MiB 4MiB 0B"
	three := sweep.Sizes(64, 4<<10, 64<<10)
	small, large := three[:1], three[2:]
	pair := []string{"1KiB", "256B"}
	for _, test := range []struct {
		name    string
		command tuneCommand
		given   []string
		want    []planned
	}{
		{"buffers", tuneCommand{What: "buffers", Model: "goroutine"}, nil, []planned{
			{"read-buffer", "256B 1KiB 4KiB 16KiB 64KiB 256KiB 1MiB", []int{256}, three, 0, 0},
			{"rcvbuf", sizes, []int{256}, large, 0, 0},
			{"sndbuf", sizes, []int{256}, large, 0, 0},
			{"nodelay", "true false", []int{256}, small, pipelined, 0},
		}},
		{"what the model has", tuneCommand{What: "buffers", Model: "udp"}, nil, []planned{
			{"rcvbuf", sizes, []int{256}, sweep.Sizes(32 << 10), 0, 0},
			{"sndbuf", sizes, []int{256}, sweep.Sizes(32 << 10), 0, 0},
		}},
		{"one knob", tuneCommand{What: "buffers", Model: "goroutine", Knob: "read-buffer", Values: pair, Clients: []int{2, 4}}, []string{"values", "clients"}, []planned{
			{"read-buffer", "256B 1KiB", []int{2, 4}, three, 0, 0},
		}},
		{"storms", tuneCommand{What: "backlog", Model: "reactor"}, nil, []planned{
			{"backlog", "1 5 16 128 1024 0", []int{64}, small, 0, 1},
			{"backlog", "1 5 16 128 1024 0", []int{512}, small, 0, 8},
			{"backlog", "1 5 16 128 1024 0", []int{4096}, small, 0, 64},
		}},
		{"workers", tuneCommand{What: "workers", Model: "pool"}, nil, []planned{{"workers", "1 4 16 64 256", []int{16, 256}, small, 0, 0}}},
		{"loops", tuneCommand{What: "loops", Model: "reactor-multi"}, nil, []planned{{"loops", "1 2 4 0", []int{16, 256}, small, 0, 0}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.command.tune(test.given, asAsked)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, plansOf(got), cmp.AllowUnexported(planned{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Each value is in the Go that sets it, and the default is a value that is tried.
func TestTunableSettings(t *testing.T) {
	for _, k := range tunables() {
		i := slices.IndexFunc(all.Models(), func(m models.Model) bool { return m.Honours(k.knob) && !strings.HasPrefix(m.Unit, "thread") })
		tuned, err := k.tuned(all.Models()[i], k.values, asAsked)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(tuned.Settings, func(s read.Setting) bool { return s.Row == tuned.Default }) {
			t.Errorf("%s: the default %s is not among %+v", k.knob, tuned.Default, tuned.Settings)
		}
		for _, s := range tuned.Settings {
			if s.Go == "" || s.Value == "" || strings.Contains(s.Go, "%!") {
				t.Errorf("%+v", s)
			}
		}
		if last := tuned.Settings[len(tuned.Settings)-1]; k.zero != "" && strings.HasSuffix(last.Row, "=0") && last.Value != k.zero {
			t.Errorf("%s: 0 is %+v, want it last and called %s", k.knob, last, k.zero)
		}
	}
}

func TestTuneGo(t *testing.T) {
	for _, test := range []struct{ network, knob, value, want string }{
		{"tcp", "read-buffer", "4KiB", "r := bufio.NewReaderSize(conn, 4096)"},
		{"tcp", "rcvbuf", "262144", "conn.(*net.TCPConn).SetReadBuffer(262144)"},
		{"udp", "rcvbuf", "256KiB", "conn.(*net.UDPConn).SetReadBuffer(262144)"},
		{"tcp", "rcvbuf", "0", "nothing to set: the kernel sizes it as needed (net.ipv4.tcp_rmem)"},
		{"unix", "sndbuf", "0", "nothing to set: it is that of net.core.rmem_default and wmem_default"},
		{"tcp", "sndbuf", "1MiB", "conn.(*net.TCPConn).SetWriteBuffer(1048576)"},
		{"tcp", "nodelay", "false", "conn.(*net.TCPConn).SetNoDelay(false)"},
		{"tcp", "backlog", "128", "unix.Listen(fd, 128), once more on the descriptor of net.Listen, which has taken net.core.somaxconn"},
		{"unix", "backlog", "0", "nothing to set: net.Listen takes net.core.somaxconn"},
		{"tcp", "loops", "2", "for range 2 { go loop() }"},
	} {
		all := tunables()
		k := all[slices.IndexFunc(all, func(k tunable) bool { return string(k.knob) == test.knob })].on(test.network)
		v, err := k.parse(test.value)
		if got := k.code(v); err != nil || got != test.want {
			t.Errorf("%s on %s=%s: %q, %v, want %q", test.knob, test.network, test.value, got, err, test.want)
		}
	}
}

func TestTuneRefuses(t *testing.T) {
	for _, test := range []struct {
		command tuneCommand
		given   string
		want    string
	}{
		{tuneCommand{What: "workers", Model: "reactor"}, "", "model: reactor is not allowed (one with workers; reactor has framing, "},
		{tuneCommand{What: "buffers", Model: "udp", Knob: "nodelay"}, "", "model: udp is not allowed (one with nodelay; udp has rcvbuf, sndbuf, reuseport, processes)"},
		{tuneCommand{What: "buffers", Model: "goroutine", Knob: "backlog"}, "", "knob: backlog is not allowed (of buffers: read-buffer, rcvbuf, sndbuf, nodelay)"},
		{tuneCommand{What: "backlog", Model: "python-asyncio"}, "", "model: python-asyncio is not allowed (one in Go"},
		{tuneCommand{What: "backlog", Model: "goroutine", Values: []string{"1"}}, "values", "values: 1 is not allowed (two or more"},
		{tuneCommand{What: "backlog", Model: "goroutine", Values: []string{"1", "x"}}, "values", `values: x is not allowed (backlog: "x" is not a whole number)`},
		{tuneCommand{What: "backlog", Model: "goroutine", Values: []string{"1", "01"}}, "values", "values: 01 twice is not allowed"},
		{tuneCommand{What: "backlog", Model: "goroutine", Values: []string{"1", "70000"}}, "values", "backlog: 70000 is not allowed (0 for net.core.somaxconn, or 1 to 65535)"},
		{tuneCommand{What: "buffers", Model: "goroutine", Values: []string{"1", "2"}}, "values", "(with --knob, which says of what: read-buffer, "},
	} {
		_, err := test.command.tune([]string{test.given}, asAsked)
		if err == nil || !strings.Contains(err.Error(), test.want) || !isUsage(err) {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
	if _, err := (&tuneCommand{What: "backlog", Model: "bogus"}).tune(nil, asAsked); err == nil || !isUsage(err) || errors.Unwrap(err) == nil {
		t.Errorf("%v", err)
	}
}
