//go:build !linux

package calibrate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
)

// Server needs epoll.
type Server struct{}

// Listen says that there is none here.
func Listen(ServerConfig) (*Server, error) {
	return nil, fmt.Errorf("the calibration server needs Linux, this is %s: %w", runtime.GOOS, errors.ErrUnsupported)
}

// Addr is where it listens.
func (s *Server) Addr() net.Addr { return nil }

// Serve serves until ctx ends.
func (s *Server) Serve(context.Context) (map[string]int64, error) { return nil, errors.ErrUnsupported }
