//go:build !linux

package engines

import (
	"errors"
	"fmt"
	"runtime"

	"connbench/models"
)

func openGnet(models.Config) (models.Server, error)    { return nil, unsupported() }
func openNetpoll(models.Config) (models.Server, error) { return nil, unsupported() }
func openNbio(models.Config) (models.Server, error)    { return nil, unsupported() }
func openGaio(models.Config) (models.Server, error)    { return nil, unsupported() }

func unsupported() error {
	return fmt.Errorf("the adapter is for Linux, this is %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
