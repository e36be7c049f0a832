//go:build hostsdemo

package nets

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"connbench/results"
)

// TestDemo goes from keys to a report on a server host and three client hosts, and says each command
// on the way, as one would type it on machines of one's own. The run's folder stays.
func TestDemo(t *testing.T) {
	dir, err := filepath.Abs("../../../runs")
	if err == nil {
		dir, err = results.DatedFolder(dir, time.Now())
	}
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("Five hosts, which are network namespaces joined by a bridge: control, server, a, b and c.")
	fmt.Println("They share this machine's CPUs: this shows how it is done, and not what other machines gain.")
	f := newFleet(t, "a", "b", "c")
	fmt.Printf("%8s$ connbench hosts keys keys --address %s\n", control, f.address(control))
	f.apart()
	f.watch("hosts", "--keys", f.keys, "--wait", "3s")
	f.watch("run", "--hosts", f.roles(), "--host-keys", f.keys, "--models", "goroutine,reactor,pool", "--think", "50ms", "--clients", "30", "--payloads", "64B",
		"--trials", "6", "--retries", "0", "--duration", "600ms", "--out", dir)
	whole(t, dir, 18)
	f.idle()
	fmt.Printf("\nNothing is left running. The report: %s\n", filepath.Join(dir, "report.html"))
}

// watch runs connbench on the controller's host before everybody's eyes.
func (f *fleet) watch(args ...string) {
	f.t.Helper()
	fmt.Printf("%8s$ connbench %s\n", control, strings.ReplaceAll(strings.Join(args, " "), f.keys, "keys"))
	run := f.command(control, append([]string{connbench(f.t)}, args...)...)
	run.Stdout, run.Stderr = os.Stdout, os.Stdout
	if err := run.Run(); err != nil {
		f.t.Fatal(err)
	}
}
