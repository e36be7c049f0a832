//go:build !linux

package completion

import (
	"connbench/models"
	"connbench/models/serving"
)

func openUring(models.Config) (models.Server, error) {
	return nil, serving.Unsupported("io_uring is of Linux")
}
