//go:build !linux

package models

import (
	"errors"
	"fmt"
	"runtime"
)

var errNoReactor = fmt.Errorf("the loops on raw descriptors are for Linux, this is %s: %w", runtime.GOOS, errors.ErrUnsupported)

func openReactor(Config) (Server, error)      { return nil, errNoReactor }
func openReactorMulti(Config) (Server, error) { return nil, errNoReactor }
func openReactorPool(Config) (Server, error)  { return nil, errNoReactor }
func openSelect(Config, int) (Server, error)  { return nil, errNoReactor }
func openPoll(Config) (Server, error)         { return nil, errNoReactor }
