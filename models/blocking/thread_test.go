package blocking_test

import (
	"testing"

	"connbench/models"
	"connbench/models/blocking"
	"connbench/models/modeltest"
)

func TestThread(t *testing.T) {
	t.Run("threads 150", func(t *testing.T) {
		modeltest.Run(t, blocking.Thread, func(c *models.Config) { c.Workers = 150 })
	})
	t.Run("threads 2", func(t *testing.T) {
		modeltest.RunSetting(t, blocking.Thread, func(c *models.Config) { c.Workers = 2 })
	})
}
