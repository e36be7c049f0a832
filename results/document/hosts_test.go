package document

import (
	"strings"
	"testing"

	"connbench/results"
)

// Of hosts it is said how far apart clients began, which worked most, and what was lost.
func TestHosts(t *testing.T) {
	ns := func(n float64) *results.Nanos { v := results.Nanos(n); return &v }
	trials := []results.Trial{
		{},
		{Failure: "host b is lost: no answer for 10s", HostLost: true},
		{Hosts: []results.Host{
			{Name: "a", Role: results.ServerRole, CPUFraction: 0.9},
			{Name: "b", Role: results.ClientRole, CPUFraction: 0.25, StartLateNS: ns(1e5), ClockUncertaintyNS: ns(2e4)},
			{Name: "c", Role: results.ClientRole, CPUFraction: 0.5, StartLateNS: ns(3e5), ClockUncertaintyNS: ns(2e4)},
		}},
	}
	said := Hosts(trials)
	var b strings.Builder
	if err := said.Text(&b, 200); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"hosts: clients began within 240 µs of each other, or less; the busiest, c, used up to 50 % of its threads' time",
		"1 attempt failed because a host was lost, to be made again: host b is lost: no answer for 10s",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in %s", want, b.String())
		}
	}
	if empty := Hosts(trials[:1]); len(empty.Blocks) != 0 {
		t.Errorf("of one host: %+v", empty)
	}
}
