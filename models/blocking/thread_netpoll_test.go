package blocking_test

import (
	"testing"

	"connbench/models"
	"connbench/models/blocking"
	"connbench/models/modeltest"
)

func TestThreadNetpoll(t *testing.T) {
	modeltest.Run(t, blocking.ThreadNetpoll, func(c *models.Config) { c.Workers = 30 })
}
