package processes_test

import (
	"testing"

	"connbench/models"
	"connbench/models/modeltest"
	"connbench/models/processes"
)

func TestPrefork(t *testing.T) {
	modeltest.Run(t, processes.Prefork, func(c *models.Config) { c.Processes = 2 })
}
