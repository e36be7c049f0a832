// Package nets tests connbench on several hosts, which are network namespaces joined by a bridge.
// The programs are those that make builds, the controller has a namespace too, and no test knows
// more of them than a user: what they say, the folder of a run, and what runs where.
//
// Namespaces take root, and ip and tc of iproute2.
package nets

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// folder has the programs.
var folder string

func TestMain(m *testing.M) {
	flag.Parse()
	flag.Set("test.parallel", "8") // they wait, most of the time
	if err := removeOrphans(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	var err error
	if folder, err = os.MkdirTemp("", "connbench-nets-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(folder)
		os.Exit(code)
	}))
}

// build builds connbench and, beside it, connbench-hosts, once.
var build = sync.OnceValue(func() (err error) {
	for name, tags := range map[string]string{"connbench": "", "connbench-hosts": "hosts"} {
		command := exec.Command("go", "build", "-buildvcs=false", "-tags", tags, "-o", filepath.Join(folder, name), "connbench/cmd/connbench")
		if out, failed := command.CombinedOutput(); failed != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w: %s", name, failed, out))
		}
	}
	return err
})

// connbench is the path of the program.
func connbench(t testing.TB) string {
	t.Helper()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(folder, "connbench")
}
