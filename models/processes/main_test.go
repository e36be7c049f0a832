package processes_test

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"connbench/models"
	"connbench/models/blocking"
	"connbench/models/completion"
	"connbench/models/datagram"
	"connbench/models/processes"
)

// spread are models of each kind that share a port.
var spread = []models.Model{blocking.Goroutine, completion.Uring, datagram.UDP}

func find(name string) (models.Model, error) {
	if m := slices.IndexFunc(spread, func(m models.Model) bool { return m.Name == name }); m >= 0 {
		return spread[m], nil
	}
	return models.Model{}, fmt.Errorf("no model %s", name)
}

// TestMain lets the test binary be a child of a prefork server.
func TestMain(m *testing.M) {
	if processes.Child() {
		os.Exit(processes.RunChild(find))
	}
	os.Setenv("GORACE", "atexit_sleep_ms=0") // else each child with the race detector takes a second to end
	os.Exit(m.Run())
}
