package results

import "testing"

// Where hosts are is said once of what they have in common.
func TestWhere(t *testing.T) {
	member := func(name, role, address string, mtu, link int, trip Nanos) Member {
		return Member{Name: name, Role: role, Address: address, MTU: mtu, LinkMbps: link, RoundTripNS: trip}
	}
	for _, test := range []struct {
		name  string
		hosts []Member
		want  string
	}{
		{"one", nil, "same-host"},
		{"alike", []Member{
			member("a", ServerRole, "10.0.0.1", 1500, 10_000, 30_000), member("b", ClientRole, "10.0.0.2", 1500, 10_000, 35_000), member("c", ClientRole, "10.0.0.3", 1500, 10_000, 31_000),
		}, "3 hosts: server a (10.0.0.1), clients b (10.0.0.2), c (10.0.0.3); MTU 1500, 10 Gbit/s, round trip 30 µs to 35 µs"},
		{"unlike", []Member{
			member("a", ServerRole, "10.0.0.1", 9000, 2500, 30_000), member("b", ClientRole, "10.0.0.2", 1500, 100, 30_000),
		}, "2 hosts: server a (10.0.0.1, MTU 9000, 2.5 Gbit/s), clients b (10.0.0.2, MTU 1500, 100 Mbit/s); round trip 30 µs"},
		{"unknown", []Member{
			member("a", ServerRole, "10.0.0.1", 0, 0, 30_000), member("b", ClientRole, "10.0.0.2", 0, 0, 30_000),
		}, "2 hosts: server a (10.0.0.1), clients b (10.0.0.2); round trip 30 µs"},
	} {
		e := Environment{Hosts: test.hosts}
		if got := e.Where(); got != test.want {
			t.Errorf("%s: %s", test.name, got)
		}
	}
}
