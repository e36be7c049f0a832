package blocking_test

import (
	"testing"

	"connbench/models/blocking"
	"connbench/models/modeltest"
)

func TestGoroutine(t *testing.T) { modeltest.Run(t, blocking.Goroutine) }
