package processes_test

import (
	"os"
	"testing"

	"connbench/models/processes"
)

// TestMain lets the test binary be a child of a prefork server.
func TestMain(m *testing.M) {
	if processes.Child() {
		os.Exit(processes.RunChild())
	}
	os.Setenv("GORACE", "atexit_sleep_ms=0") // else each child with the race detector takes a second to end
	os.Exit(m.Run())
}
