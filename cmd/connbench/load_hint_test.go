package main

import (
	"strings"
	"testing"

	"connbench/results"
)

// Datagrams that nobody takes and streams that another protocol answers have a hint of their own; a
// load that had an answer has none.
func TestLoadHints(t *testing.T) {
	for _, test := range []struct {
		name, framing, class string
		requests             int64
		want                 string
	}{
		{"udp, nobody there", results.Datagram, "refused", 0, "nobody listens there on udp"},
		{"udp, some answered", results.Datagram, "refused", 5, ""},
		{"udp, silent", results.Datagram, "read_timeout", 0, ""},
		{"another protocol", "length", "closed", 0, "try --framing raw"},
	} {
		trial := &results.Trial{Framing: test.framing, Requests: test.requests, Errors: map[string]int64{test.class: 3}}
		if got := new(loadCommand).otherProtocol(trial); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
