//go:build !linux

package readiness

import (
	"connbench/models"
	"connbench/models/serving"
)

// What the kernel says of readiness is read by Linux's calls, and by theirs alone.
var errNoReactor = serving.Unsupported("the loops on raw descriptors are for Linux")

func openReactor(models.Config) (models.Server, error)      { return nil, errNoReactor }
func openReactorMulti(models.Config) (models.Server, error) { return nil, errNoReactor }
func openReactorPool(models.Config) (models.Server, error)  { return nil, errNoReactor }
func openSelect(models.Config, int) (models.Server, error)  { return nil, errNoReactor }
func openPoll(models.Config) (models.Server, error)         { return nil, errNoReactor }

func openPoolRequest(models.Config) (models.Server, error) {
	return nil, serving.Unsupported("one-shot epoll is of Linux")
}
