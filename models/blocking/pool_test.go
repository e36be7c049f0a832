package blocking_test

import (
	"testing"

	"connbench/models"
	"connbench/models/blocking"
	"connbench/models/modeltest"
)

func TestPool(t *testing.T) {
	modeltest.Run(t, blocking.Pool, func(c *models.Config) { c.Workers = 2 })
}

func TestPoolServesItsDefault(t *testing.T) {
	tests := []struct{ workers, want int }{
		{0, models.DefaultWorkers},
		{1, 1},
		{100, 100},
	}
	for _, tt := range tests {
		cfg := models.DefaultConfig()
		cfg.Workers = tt.workers
		if got := blocking.Pool.ServesAtOnce(cfg); got != tt.want {
			t.Errorf("%d workers serve %d at once, want %d", tt.workers, got, tt.want)
		}
	}
}
