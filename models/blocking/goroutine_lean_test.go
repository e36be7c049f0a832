package blocking_test

import (
	"testing"

	"connbench/models/blocking"
	"connbench/models/modeltest"
)

func TestGoroutineLean(t *testing.T) { modeltest.Run(t, blocking.GoroutineLean) }
