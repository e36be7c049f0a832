package readiness_test

import (
	"testing"

	"connbench/models"
	"connbench/models/modeltest"
	"connbench/models/readiness"
)

func TestReactor(t *testing.T) {
	t.Run("level", func(t *testing.T) { modeltest.Run(t, readiness.Reactor) })
	t.Run("edge", func(t *testing.T) {
		modeltest.RunSetting(t, readiness.Reactor, func(c *models.Config) { c.Trigger = models.TriggerEdge })
	})
}
