package models_test

import (
	"testing"

	"connbench/models"
	"connbench/models/modeltest"
)

func TestReactor(t *testing.T) {
	for _, trigger := range []models.Trigger{models.TriggerLevel, models.TriggerEdge} {
		t.Run(string(trigger), func(t *testing.T) {
			modeltest.Run(t, models.Reactor, func(c *models.Config) { c.Trigger = trigger })
		})
	}
}
