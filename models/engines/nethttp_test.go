package engines

import (
	"testing"

	"connbench/models"
	"connbench/models/modeltest"
)

func TestNetHTTP(t *testing.T) { modeltest.Run(t, NetHTTP) }

func TestNetHTTPOverTLS(t *testing.T) {
	modeltest.RunSetting(t, NetHTTP, func(c *models.Config) { c.TLS = true })
}
