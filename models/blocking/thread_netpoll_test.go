package models_test

import (
	"testing"

	"connbench/models"
	"connbench/models/modeltest"
)

func TestThreadNetpoll(t *testing.T) {
	modeltest.Run(t, models.ThreadNetpoll, func(c *models.Config) { c.Workers = 30 })
}
