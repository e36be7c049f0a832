//go:build !linux

package engines

import (
	"connbench/models"
	"connbench/models/serving"
)

func openGnet(models.Config) (models.Server, error)     { return nil, unsupported() }
func openNetpoll(models.Config) (models.Server, error)  { return nil, unsupported() }
func openNbio(models.Config) (models.Server, error)     { return nil, unsupported() }
func openGaio(models.Config) (models.Server, error)     { return nil, unsupported() }
func openNetHTTP(models.Config) (models.Server, error)  { return nil, unsupported() }
func openFastHTTP(models.Config) (models.Server, error) { return nil, unsupported() }
func openRedcon(models.Config) (models.Server, error)   { return nil, unsupported() }

func unsupported() error { return serving.Unsupported("the adapter is for Linux") }
