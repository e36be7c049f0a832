package engines

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"

	"connbench/models"

	"github.com/panjf2000/gnet/v2"
)

// address is the Config's as gnet reads it. With SO_REUSEPORT each loop listens for
// itself, which needs a port that is known: release gives up the socket that found it.
func (s *gnetServer) address() (address string, release func(), err error) {
	cfg := s.cfg
	if cfg.Network == "unix" {
		path, err := filepath.Abs(cfg.Address)
		if err == nil {
			err = freePath(path)
		}
		return "unix://" + path, func() {}, err
	}
	if cfg.ReusePort {
		l, err := s.listen()
		if err != nil {
			return "", nil, err
		}
		return "tcp://" + l.Addr().String(), func() { l.Close() }, nil
	}
	tcp, err := net.ResolveTCPAddr("tcp", cfg.Address)
	return "tcp://" + tcp.String(), func() {}, err
}

// freePath makes sure that nobody needs what is at path, since gnet removes it all.
// What it would take for something other than a path is refused.
func freePath(path string) error {
	if strings.ContainsAny(path, "?#") {
		return &models.ConfigError{Knob: "addr", Value: path, Allowed: "gnet takes no ? or # in a path"}
	}
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil && info.Mode()&os.ModeSocket != 0 {
		c, err := net.Dial("unix", path)
		if errors.Is(err, syscall.ECONNREFUSED) {
			return nil
		}
		if err == nil {
			c.Close()
		}
	}
	return &net.OpError{Op: "listen", Net: "unix", Addr: &net.UnixAddr{Name: path, Net: "unix"}, Err: syscall.EADDRINUSE}
}

func gnetAddr(engine gnet.Engine, network string) (net.Addr, error) {
	fd, err := engine.Dup()
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), network)
	defer f.Close()
	l, err := net.FileListener(f)
	if err != nil {
		return nil, err
	}
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false)
	}
	defer l.Close()
	return l.Addr(), nil
}

// gnetLog keeps the last error that gnet logs, in case that it stops.
type gnetLog struct{ text atomic.Pointer[string] }

func (l *gnetLog) last() string {
	if text := l.text.Load(); text != nil {
		return *text
	}
	return "it does not say why"
}

func (l *gnetLog) Errorf(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	l.text.Store(&text)
}

func (l *gnetLog) Fatalf(format string, args ...any) { l.Errorf(format, args...) }
func (l *gnetLog) Debugf(string, ...any)             {}
func (l *gnetLog) Infof(string, ...any)              {}
func (l *gnetLog) Warnf(string, ...any)              {}
