package readiness_test

import (
	"io"
	"net"
	"os"
	"testing"

	"connbench/models"
	"connbench/models/kernel"
	"connbench/models/modeltest"
	"connbench/models/readiness"
)

// The clients are in this process too, and take as many descriptors as their server:
// so the limit is less than half of that of select.
func TestSelect(t *testing.T) { modeltest.Run(t, readiness.SelectModel(300)) }

func TestSelectServesFewAtOnce(t *testing.T) { modeltest.RunSetting(t, readiness.SelectModel(2)) }

// A descriptor that select cannot watch ends its connection, and nobody else's.
func TestSelectClosesHighDescriptors(t *testing.T) {
	cfg := models.DefaultConfig()
	cfg.Framing = models.Raw
	s, err := readiness.Select.Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve()
	defer s.Shutdown(t.Context())
	dial := func() net.Conn {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	ask := func(c net.Conn) error {
		var b [1]byte
		if _, err := c.Write(b[:]); err != nil {
			return err
		}
		_, err := io.ReadFull(c, b[:])
		return err
	}
	early := dial()
	if err := ask(early); err != nil {
		t.Fatal(err)
	}
	takeNumbers(t, kernel.SelectLimit)
	for range 3 {
		if err := ask(dial()); err == nil {
			t.Error("a connection with a high descriptor is served")
		}
	}
	if err := ask(early); err != nil {
		t.Errorf("the connection beside them: %v", err)
	}
	if got := s.(models.Counting).Counters(); got["accepted"] != 4 || got["failed"] != 3 {
		t.Errorf("counted %v", got)
	}
}

// takeNumbers takes all descriptors below limit until the test ends.
func takeNumbers(t *testing.T, limit int) {
	for {
		f, err := os.Open(os.DevNull)
		if err != nil {
			t.Skip(err)
		}
		t.Cleanup(func() { f.Close() })
		if int(f.Fd()) >= limit {
			return
		}
	}
}
