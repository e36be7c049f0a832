package engines

import (
	"testing"

	"connbench/models"
	"connbench/models/modeltest"
)

func TestRedcon(t *testing.T) { modeltest.Run(t, Redcon) }

func TestRedconOverTLS(t *testing.T) {
	modeltest.RunSetting(t, Redcon, func(c *models.Config) { c.TLS = true })
}
