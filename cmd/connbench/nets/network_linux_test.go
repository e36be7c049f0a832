package nets

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// prefix begins the names of all namespaces of these tests; the process and the number of the
// network follow.
const prefix = "connbench-"

// wire is the namespace that has a network's bridge, so that the machine's own sees nothing of it.
const wire = "wire"

// network is hosts that are network namespaces, joined by a bridge. All networks have the same
// addresses, since none reaches another.
type network struct {
	t     testing.TB
	name  string   // that begins the names of its namespaces
	hosts []string // the first has the address .1 and so on
}

var networks atomic.Int64

// newNetwork makes a network, which goes with the test and with all that runs in it.
func newNetwork(t testing.TB, hosts ...string) *network {
	t.Helper()
	root(t)
	n := &network{t, fmt.Sprintf("%s%d-%d-", prefix, os.Getpid(), networks.Add(1)), hosts}
	t.Cleanup(func() {
		if err := remove(n.name); err != nil {
			t.Error(err)
		}
	})
	n.ip("netns", "add", n.in(wire))
	n.ip("-n", n.in(wire), "link", "add", "bridge", "type", "bridge")
	n.ip("-n", n.in(wire), "link", "set", "bridge", "up")
	for _, host := range hosts {
		n.ip("netns", "add", n.in(host))
		n.ip("-n", n.in(wire), "link", "add", "name", host, "type", "veth", "peer", "name", "eth0", "netns", n.in(host))
		n.ip("-n", n.in(wire), "link", "set", "dev", host, "master", "bridge", "up")
		n.ip("-n", n.in(host), "address", "add", n.address(host)+"/24", "dev", "eth0")
		n.ip("-n", n.in(host), "link", "set", "lo", "up")
		n.ip("-n", n.in(host), "link", "set", "eth0", "up")
	}
	return n
}

// root leaves a test out where nobody may make namespaces; where everything is tested it fails.
func root(t testing.TB) {
	t.Helper()
	lacks := ""
	if _, err := exec.LookPath("ip"); err != nil {
		lacks = "hosts are network namespaces here, and there is no ip (Debian's package iproute2)"
	} else if os.Geteuid() != 0 {
		lacks = "hosts are network namespaces here, which root alone may make"
	}
	switch {
	case lacks == "":
	case os.Getenv("CI") != "":
		t.Fatal("CI is set, and " + lacks)
	default:
		t.Skip(lacks)
	}
}

// in is the namespace of a host.
func (n *network) in(host string) string { return n.name + host }

func (n *network) address(host string) string {
	for i, name := range n.hosts {
		if name == host {
			return fmt.Sprintf("10.77.0.%d", i+1)
		}
	}
	n.t.Fatalf("there is no host %s", host)
	return ""
}

func (n *network) ip(args ...string) {
	n.t.Helper()
	if err := tool("ip", args...); err != nil {
		n.t.Fatal(err)
	}
}

// cut takes the plug of a host out of the bridge; its own side loses the carrier.
func (n *network) cut(host string) { n.ip("-n", n.in(wire), "link", "set", "dev", host, "down") }

func (n *network) mend(host string) { n.ip("-n", n.in(wire), "link", "set", "dev", host, "up") }

// slow lets no more than 100 Mbit/s into and out of a host.
func (n *network) slow(host string) {
	n.t.Helper()
	for namespace, device := range map[string]string{n.in(wire): host, n.in(host): "eth0"} {
		if err := tool("tc", "-n", namespace, "qdisc", "add", "dev", device, "root", "tbf", "rate", "100mbit", "burst", "64kb", "latency", "50ms"); err != nil {
			n.t.Fatal(err)
		}
	}
}

// command is a program that will run on a host.
func (n *network) command(host string, args ...string) *exec.Cmd {
	return exec.Command("ip", append([]string{"netns", "exec", n.in(host)}, args...)...)
}

// running are the processes on a host.
func (n *network) running(host string) []int {
	n.t.Helper()
	pids, err := pidsIn(n.in(host))
	if err != nil {
		n.t.Fatal(err)
	}
	return pids
}

func pidsIn(namespace string) (pids []int, err error) {
	out, err := exec.Command("ip", "netns", "pids", namespace).Output()
	for field := range strings.FieldsSeq(string(out)) {
		pid, wrong := strconv.Atoi(field)
		pids, err = append(pids, pid), errors.Join(err, wrong)
	}
	return pids, err
}

// remove ends what runs in the namespaces whose names begin like that, and removes them, with all
// links.
func remove(names string) error {
	var errs []error
	for _, namespace := range namespaces() {
		if !strings.HasPrefix(namespace, names) {
			continue
		}
		pids, err := pidsIn(namespace)
		errs = append(errs, err)
		for _, pid := range pids {
			syscall.Kill(pid, syscall.SIGKILL)
		}
		errs = append(errs, tool("ip", "netns", "delete", namespace))
	}
	return errors.Join(errs...)
}

func namespaces() (names []string) {
	out, _ := exec.Command("ip", "netns", "list").Output()
	for line := range strings.Lines(string(out)) {
		if name, _, _ := strings.Cut(strings.TrimSpace(line), " "); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// removeOrphans removes the networks of processes that have ended without doing so.
func removeOrphans() error {
	var errs []error
	for _, namespace := range namespaces() {
		number, _, _ := strings.Cut(strings.TrimPrefix(namespace, prefix), "-")
		pid, err := strconv.Atoi(number)
		if err == nil && strings.HasPrefix(namespace, prefix) && syscall.Kill(pid, 0) == syscall.ESRCH {
			errs = append(errs, remove(namespace))
		}
	}
	return errors.Join(errs...)
}

func tool(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, out)
	}
	return nil
}
