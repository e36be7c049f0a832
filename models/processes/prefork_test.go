package processes_test

import (
	"testing"

	"connbench/models"
	"connbench/models/modeltest"
	"connbench/models/processes"
)

// TestSpread: other models in two processes are what they are in one.
func TestSpread(t *testing.T) {
	for _, m := range spread {
		t.Run(m.Name, func(t *testing.T) {
			modeltest.RunSetting(t, m, func(c *models.Config) { c.Processes = 2 })
		})
	}
}

func TestPrefork(t *testing.T) {
	modeltest.Run(t, processes.Prefork, func(c *models.Config) { c.Processes = 2 })
}
