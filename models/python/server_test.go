package python_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"connbench/models/python"
)

// patience is how long a test waits for something that must happen.
const patience = time.Minute

// maxFrame is what the servers under test take.
const maxFrame = 1 << 20

// found is the interpreter, once for all: what is in $PATH may be a script that looks for
// one, which takes longer than that takes to begin.
var found = sync.OnceValues(func() (path string, err error) {
	wrapper, err := python.Find(context.Background())
	if err != nil {
		return "", err
	}
	out, err := exec.Command(wrapper.Path, "-c", "import sys; print(sys.executable, end='')").Output()
	return string(out), err
})

// interpreter finds one; a machine that tests every change has to have it.
func interpreter(t *testing.T) string {
	t.Helper()
	path, err := found()
	switch {
	case err == nil:
	case os.Getenv("CI") != "":
		t.Fatal(err)
	default:
		t.Skip(err)
	}
	return path
}

// server is a row's process.
type server struct {
	t             *testing.T
	network, addr string
	raw           bool
	cmd           *exec.Cmd
	stderr        bytes.Buffer
	ended         chan struct{}
}

// start starts a row and waits until it answers. The words before its command,
// if any, are of a wrapper.
func start(t *testing.T, row python.Row, network string, raw bool, before ...string) *server {
	t.Helper()
	path, dir := interpreter(t), t.TempDir()
	if err := python.Install(dir); err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, network: network, raw: raw, ended: make(chan struct{})}
	if s.addr = freeAddress(t); network == "unix" {
		s.addr = filepath.Join(dir, "s")
	}
	command := append(before, row.Command(path, dir, s.addr, python.Options{Raw: raw, MaxFrame: maxFrame})...)
	s.cmd = exec.Command(command[0], command[1:]...)
	s.cmd.Stderr = &s.stderr
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		s.cmd.Wait()
		close(s.ended)
	}()
	t.Cleanup(func() {
		s.cmd.Process.Kill()
		<-s.ended
		if t.Failed() {
			t.Logf("%s said: %s", row.Name, &s.stderr)
		}
	})
	s.awaitAnswer()
	return s
}

// freeAddress is one that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (s *server) awaitAnswer() {
	s.t.Helper()
	wait := 100 * time.Millisecond // for an answer; none comes to a datagram that is early
	if s.network != "udp" {
		wait = patience
	}
	for late := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		if s.exchangeWithin(wait) == nil {
			return
		}
		select {
		case <-s.ended:
			s.t.Fatalf("it has ended: %v", s.cmd.ProcessState)
		default:
		}
		if time.Now().After(late) {
			s.t.Fatal("it does not answer")
		}
	}
}

// exchangeWithin is an exchange on a connection of its own.
func (s *server) exchangeWithin(wait time.Duration) error {
	c, err := net.Dial(s.network, s.addr)
	if err != nil {
		return err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(wait))
	return exchange(c, s.request(10))
}

// dial connects, for the time of the test.
func (s *server) dial() net.Conn {
	s.t.Helper()
	c, err := net.Dial(s.network, s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	return c
}

// request is one of n bytes of payload.
func (s *server) request(n int) []byte {
	payload := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(n), byte(n >> 8)}).Read(payload)
	if s.raw || s.network == "udp" {
		return payload
	}
	return append(binary.BigEndian.AppendUint32(nil, uint32(n)), payload...)
}

// exchange sends what must come back.
func exchange(c net.Conn, request []byte) error {
	sent := make(chan error, 1)
	go func() {
		_, err := c.Write(request)
		sent <- err
	}()
	err := expect(c, request)
	if err != nil {
		c.SetDeadline(time.Unix(1, 0)) // nobody waits for the writer any more
	}
	if wrote := <-sent; err == nil {
		err = wrote
	}
	return err
}

// expect reads want.
func expect(c net.Conn, want []byte) error {
	got := make([]byte, len(want))
	if n, err := io.ReadFull(c, got); err != nil {
		return fmt.Errorf("after %d of %d bytes: %w", n, len(want), err)
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%d bytes are not those that were sent", len(want))
	}
	return nil
}

// check ends the test if err is not nil.
func (s *server) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// answers requires that somebody new is served.
func (s *server) answers() {
	s.t.Helper()
	s.check(s.exchangeWithin(patience))
}

// closed requires that the server has ended a connection.
func (s *server) closed(c net.Conn) {
	s.t.Helper()
	n, err := c.Read(make([]byte, 1))
	if timeout, ok := err.(net.Error); n > 0 || ok && timeout.Timeout() {
		s.t.Fatalf("the connection is open: %d bytes, %v", n, err)
	}
}

// stop asks the server to end, and requires that it does so cleanly.
func (s *server) stop(by syscall.Signal) {
	s.t.Helper()
	s.cmd.Process.Signal(by)
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	select {
	case <-s.ended:
	case <-ctx.Done():
		s.t.Fatalf("%v does not end it", by)
	}
	if !s.cmd.ProcessState.Success() {
		s.t.Errorf("after %v: %v", by, s.cmd.ProcessState)
	}
	if s.network == "unix" {
		if _, err := os.Stat(s.addr); err == nil {
			s.t.Error("the socket's file is left behind")
		}
	}
}
