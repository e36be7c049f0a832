package kernel

import (
	"net"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// The zone of a link-local address says which interface is meant, by its name or number.
func TestResolveTargetKeepsTheZone(t *testing.T) {
	all, err := net.Interfaces()
	if err != nil || len(all) == 0 {
		t.Skip("no interface", err)
	}
	for _, network := range []string{"tcp", "udp"} {
		for zone, want := range map[string]uint32{"": 0, "7": 7, all[0].Name: uint32(all[0].Index), strconv.Itoa(all[0].Index): uint32(all[0].Index)} {
			address := "[" + strings.TrimSuffix("fe80::1%"+zone, "%") + "]:80"
			target, err := ResolveTarget(network, address)
			if err != nil {
				t.Errorf("%s %s: %v", network, address, err)
			} else if got := target.address.(*unix.SockaddrInet6).ZoneId; got != want {
				t.Errorf("%s %s: interface %d, want %d", network, address, got, want)
			}
		}
		if _, err := ResolveTarget(network, "[fe80::1%none-such0]:80"); err == nil || !strings.Contains(err.Error(), "no such network interface") {
			t.Errorf("%s: an interface that is not there: %v", network, err)
		}
	}
}
