//go:build !linux

package datagram

import (
	"connbench/models"
	"connbench/models/serving"
)

func openUDPBatch(models.Config) (models.Server, error) {
	return nil, serving.Unsupported("recvmmsg is of Linux")
}
