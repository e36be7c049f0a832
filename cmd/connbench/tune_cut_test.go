package main

import (
	"strings"
	"testing"

	"connbench/models/kernel"

	"github.com/google/go-cmp/cmp"
)

// asAsked is a kernel that cuts nothing, with defaults that nobody asks for.
func asAsked(_ string, o kernel.SocketOptions) (kernel.Effective, error) {
	return limitedTo(1<<30, 1<<30-1)("", o)
}

// limitedTo is a kernel with limits of buffers and of backlogs, whose sockets begin with
// 208 KiB.
func limitedTo(buffers, backlog int) prober {
	const least, usual = 1152, 106496 // which getsockopt says twice
	size := func(asked int) int {
		if asked == 0 {
			return usual
		}
		return max(least, min(asked, buffers))
	}
	return func(_ string, o kernel.SocketOptions) (kernel.Effective, error) {
		e := kernel.Effective{RecvBuffer: size(o.RecvBuffer), SendBuffer: size(o.SendBuffer), Backlog: backlog}
		if o.Backlog > 0 {
			e.Backlog = min(o.Backlog, backlog)
		}
		return e, nil
	}
}

// TestTuneMeasuresWhatTheKernelMakes: values that the kernel makes the same are one row,
// at what they come to.
func TestTuneMeasuresWhatTheKernelMakes(t *testing.T) {
	for _, test := range []struct {
		name    string
		command tuneCommand
		given   string
		kernel  prober
		rows    string
		says    string
	}{
		{"cut and merged", tuneCommand{What: "buffers", Model: "goroutine", Knob: "rcvbuf", Values: []string{"64KiB", "8MiB", "64MiB"}}, "values", limitedTo(4<<20, 128),
			"64KiB 4MiB", "8 MiB, 64 MiB come to 4 MiB: net.core.rmem_max"},
		{"cut to one that is there", tuneCommand{What: "buffers", Model: "goroutine", Knob: "sndbuf", Values: []string{"4MiB", "8MiB", "0"}}, "values", limitedTo(4<<20, 128),
			"4MiB 0B", "8 MiB comes to 4 MiB: net.core.wmem_max"},
		{"by default, where the limit is low", tuneCommand{What: "buffers", Model: "goroutine", Knob: "rcvbuf"}, "", limitedTo(212992, 128),
			"16KiB 64KiB 208KiB 0B", "256 KiB, 1 MiB, 4 MiB come to 208 KiB: net.core.rmem_max"},
		{"raised", tuneCommand{What: "buffers", Model: "goroutine", Knob: "rcvbuf", Values: []string{"256", "512", "4KiB"}}, "values", limitedTo(4<<20, 128),
			"1152B 4KiB", "256 B, 512 B come to 1.13 KiB: the kernel gives no less"},
		{"what a datagram socket has", tuneCommand{What: "buffers", Model: "udp", Knob: "rcvbuf", Values: []string{"4KiB", "104KiB", "0"}}, "values", limitedTo(4<<20, 128),
			"4KiB 0B", "104 KiB comes to the system's: it is what a socket has by default"},
		{"what TCP has is no fixed size", tuneCommand{What: "buffers", Model: "goroutine", Knob: "rcvbuf", Values: []string{"104KiB", "0"}}, "values", limitedTo(4<<20, 128), "104KiB 0B", ""},
		{"backlogs", tuneCommand{What: "backlog", Model: "goroutine"}, "", limitedTo(4<<20, 128), "1 5 16 0", "128, 1024 come to somaxconn: net.core.somaxconn"},
		{"a backlog beyond", tuneCommand{What: "backlog", Model: "goroutine", Values: []string{"16", "65535"}}, "values", limitedTo(4<<20, 4096),
			"16 0", "65535 comes to somaxconn: net.core.somaxconn"},
		{"of another server", tuneCommand{What: "backlog", Exec: "theirs=serve {addr} {value}", networkFlag: networkFlag{"tcp"}, Values: []string{"16", "4096", "65535"}}, "values", limitedTo(4<<20, 4096),
			"16 4096", "65535 comes to 4096: net.core.somaxconn"},
		{"no knob of the kernel's", tuneCommand{What: "workers", Model: "pool", Values: []string{"1", "4096"}}, "values", limitedTo(1, 1), "1 4096", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.command.tune([]string{test.given}, test.kernel)
			if err != nil {
				t.Fatal(err)
			}
			if rows := plansOf(got)[0].rows; rows != test.rows {
				t.Errorf("rows %s, want %s", rows, test.rows)
			}
			if said := strings.Join(got.Knobs[0].Cut, "; "); said != test.says && (test.says == "" || !strings.HasPrefix(said, test.says)) {
				t.Error(cmp.Diff(test.says, said))
			}
		})
	}
	alike := tuneCommand{What: "buffers", Model: "goroutine", Knob: "rcvbuf", Values: []string{"8MiB", "64MiB"}}
	if _, err := alike.tune([]string{"values"}, limitedTo(4<<20, 128)); err == nil || !isUsage(err) || !strings.Contains(err.Error(), "two or more that differ here; 8 MiB, 64 MiB come to 4 MiB: net.core.rmem_max") {
		t.Errorf("%v", err)
	}
}
