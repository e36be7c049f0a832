package blocking_test

import (
	"testing"

	"connbench/models/blocking"
	"connbench/models/modeltest"
)

func TestSequential(t *testing.T) { modeltest.Run(t, blocking.Sequential) }
