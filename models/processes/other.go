//go:build !linux

package processes

import (
	"connbench/models"
	"connbench/models/serving"
)

func openPrefork(models.Config) (models.Server, error) {
	return nil, serving.Unsupported("a port shared in equal parts is of Linux")
}

func openAs(string, models.Config) (models.Server, error) { return openPrefork(models.Config{}) }

func runChild(func(string) (models.Model, error)) int { return 1 }
