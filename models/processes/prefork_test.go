package models_test

import (
	"testing"

	"connbench/models"
	"connbench/models/modeltest"
)

func TestPrefork(t *testing.T) {
	modeltest.Run(t, models.Prefork, func(c *models.Config) { c.Processes = 2 })
}
