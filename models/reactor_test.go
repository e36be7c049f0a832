package models_test

import (
	"fmt"
	"testing"

	"connbench/models"
	"connbench/models/modeltest"
)

func TestReactor(t *testing.T) {
	for _, loops := range []int{1, 3} {
		t.Run(fmt.Sprintf("loops %d", loops), func(t *testing.T) {
			modeltest.Run(t, models.Reactor, func(c *models.Config) { c.Loops = loops })
		})
	}
}
