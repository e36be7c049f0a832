package sweep

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain lets the test binary be the processes that a Runner starts: with the
// name of one of actors, or of foreign ones, as its first argument it is that.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		if act, ok := actors[os.Args[1]]; ok {
			act(os.Args[2:])
			return
		}
		if act, ok := foreigners[os.Args[1]]; ok {
			act(os.Args[2:])
			return
		}
	}
	os.Setenv("GORACE", "atexit_sleep_ms=0") // else each actor takes a second to end
	goleak.VerifyTestMain(m)
}
