package models_test

import (
	"fmt"
	"testing"

	"connbench/models"
	"connbench/models/modeltest"
)

func TestThread(t *testing.T) {
	for _, threads := range []int{2, 150} {
		t.Run(fmt.Sprintf("threads %d", threads), func(t *testing.T) {
			modeltest.Run(t, models.Thread, func(c *models.Config) { c.Workers = threads })
		})
	}
}
