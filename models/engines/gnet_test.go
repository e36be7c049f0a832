package engines

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"connbench/models"
)

func TestGnet(t *testing.T) { conforms(t, Gnet) }

// gnet removes whatever is at the path of a Unix socket.
func TestGnetRemovesNobodysFiles(t *testing.T) {
	dir := t.TempDir()
	folder, file, socket := filepath.Join(dir, "folder"), filepath.Join(dir, "file"), filepath.Join(dir, "socket")
	if err := errors.Join(os.Mkdir(folder, 0o700), os.WriteFile(file, []byte("mine"), 0o600)); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, path := range []string{folder, file, socket} {
		_, err := gnetAt(path)
		if errors.Is(err, errors.ErrUnsupported) {
			t.Skip(err)
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("%s: %v", path, err)
		}
		if _, err := os.Lstat(path); err != nil {
			t.Error(err)
		}
	}
}

// gnet reads the path as a part of a URL.
func TestGnetTakesPathsAsTheyAre(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, path := range []string{"relative", "./dotted", "with space", "100%", "a:b"} {
		s, err := gnetAt(path)
		if errors.Is(err, errors.ErrUnsupported) {
			t.Skip(err)
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		c, err := net.Dial("unix", path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
		} else {
			c.Close()
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
	var refused *models.ConfigError
	if _, err := gnetAt("what?"); !errors.As(err, &refused) {
		t.Errorf("a path with a question mark: %v", err)
	}
}

func gnetAt(path string) (models.Server, error) {
	cfg := models.DefaultConfig()
	cfg.Network, cfg.Address = "unix", path
	return Gnet.Listen(cfg)
}

// With SO_REUSEPORT each of gnet's loops listens for itself, on the same port.
func TestGnetReusePort(t *testing.T) {
	s, _ := started(t, Gnet, func(c *models.Config) { c.Loops, c.ReusePort = 4, true })
	for range 50 {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		request := []byte{0, 0, 0, 1, 'x'}
		c.Write(request)
		if _, err := c.Read(request); err != nil || request[4] != 'x' {
			t.Errorf("got %q, %v", request, err)
		}
		c.Close()
	}
}

func TestGnetRefusesLoops(t *testing.T) {
	cfg := models.DefaultConfig()
	cfg.Loops = gnetMaxLoops + 1
	var refused *models.ConfigError
	if _, err := Gnet.Listen(cfg); errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	} else if !errors.As(err, &refused) || !strings.Contains(err.Error(), "gnet") {
		t.Errorf("got %v", err)
	}
}
