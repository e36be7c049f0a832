package engines

import (
	"testing"

	"connbench/models"
	"connbench/models/modeltest"
)

func TestFastHTTP(t *testing.T) { modeltest.Run(t, FastHTTP) }

func TestFastHTTPOverTLS(t *testing.T) {
	modeltest.RunSetting(t, FastHTTP, func(c *models.Config) { c.TLS = true })
}
