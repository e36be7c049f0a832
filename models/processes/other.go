//go:build !linux

package processes

import (
	"connbench/models"
	"connbench/models/serving"
)

func openPrefork(models.Config) (models.Server, error) {
	return nil, serving.Unsupported("a port shared in equal parts is of Linux")
}

func runPreforkChild() int { return 1 }
