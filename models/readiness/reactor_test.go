package models_test

import (
	"testing"

	"connbench/models"
	"connbench/models/modeltest"
)

func TestReactor(t *testing.T) {
	t.Run("level", func(t *testing.T) { modeltest.Run(t, models.Reactor) })
	t.Run("edge", func(t *testing.T) {
		modeltest.RunSetting(t, models.Reactor, func(c *models.Config) { c.Trigger = models.TriggerEdge })
	})
}
