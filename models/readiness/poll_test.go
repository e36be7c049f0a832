package readiness_test

import (
	"testing"

	"connbench/models/modeltest"
	"connbench/models/readiness"
)

func TestPoll(t *testing.T) { modeltest.Run(t, readiness.Poll) }
