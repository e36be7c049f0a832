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
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"connbench/loadgen/process"
	"connbench/models/python"

	"github.com/prometheus/procfs"
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

// server is a row's process, or several.
type server struct {
	t             *testing.T
	network, addr string
	framing       string
	cmds          []*exec.Cmd
	ended         []chan struct{} // each process
}

// said is what the processes have said on standard error; call it when they have ended.
func (s *server) said() (all string) {
	for _, cmd := range s.cmds {
		all += cmd.Stderr.(*bytes.Buffer).String()
	}
	return all
}

// start starts a row and waits until it answers, and each of its processes has the port. The
// words before its command, if any, are of a wrapper.
func start(t *testing.T, row subject, network, framing string, before ...string) *server {
	t.Helper()
	path, dir := interpreter(t), t.TempDir()
	if err := python.Install(dir); err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, network: network, framing: framing}
	if s.addr = filepath.Join(dir, "s"); network != "unix" {
		s.addr = freeAddress(t, network)
	}
	options := python.Options{Framing: framing, MaxFrame: maxFrame, Size: "70000", ReusePort: row.processes > 1}
	command := append(before, row.Command(path, dir, s.addr, options)...)
	for range row.processes {
		s.run(command)
	}
	s.awaitAnswer()
	s.awaitSockets(row.processes)
	return s
}

// run starts a process, which the test's end kills.
func (s *server) run(command []string) {
	s.t.Helper()
	cmd, ended := exec.Command(command[0], command[1:]...), make(chan struct{})
	cmd.Stderr = &bytes.Buffer{}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.cmds, s.ended = append(s.cmds, cmd), append(s.ended, ended)
	go func() {
		cmd.Wait()
		close(ended)
	}()
	s.t.Cleanup(func() {
		cmd.Process.Kill()
		<-ended
		if s.t.Failed() {
			s.t.Logf("%v said: %s", command, cmd.Stderr)
		}
	})
}

// awaitSockets waits until so many sockets take what comes to the port.
func (s *server) awaitSockets(n int) {
	s.t.Helper()
	if n == 1 {
		return // which has answered
	}
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		s.t.Skip(err)
	}
	_, text, _ := net.SplitHostPort(s.addr)
	port, _ := strconv.ParseUint(text, 10, 64)
	for late := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		open := 0
		tcp, _ := fs.NetTCP() //lint:ignore SA1019 slow with many connections, of which there are few
		for _, l := range tcp {
			if l.LocalPort == port && l.St == 10 { // it listens
				open++
			}
		}
		udp, _ := fs.NetUDP()
		for _, l := range udp {
			if l.LocalPort == port {
				open++
			}
		}
		if open == n {
			return
		}
		s.lives()
		if time.Now().After(late) {
			s.t.Fatalf("%d of %d processes have the port", open, n)
		}
	}
}

// freeAddress is one that the test alone has.
func freeAddress(t *testing.T, network string) string {
	t.Helper()
	port, err := process.FreePort(t.Context(), network, process.Loopback)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(port.Release)
	return port.Address
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
		s.lives()
		if time.Now().After(late) {
			s.t.Fatal("it does not answer")
		}
	}
}

// lives requires that no process has ended.
func (s *server) lives() {
	s.t.Helper()
	for i, ended := range s.ended {
		select {
		case <-ended:
			s.t.Fatalf("it has ended: %v", s.cmds[i].ProcessState)
		default:
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
	return exchange(c, s.message(10))
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

// message is what is sent, and what is to come back.
type message struct{ request, reply []byte }

// message is an echo of n bytes of payload.
func (s *server) message(n int) message {
	payload := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(n), byte(n >> 8)}).Read(payload)
	switch {
	case s.network == "udp" || s.framing == "raw":
		return message{payload, payload}
	case s.framing == "http":
		return message{
			fmt.Appendf(nil, "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n%s", n, payload),
			fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n%s", n, payload),
		}
	}
	frame := append(binary.BigEndian.AppendUint32(nil, uint32(n)), payload...)
	return message{frame, frame}
}

// exchange sends a request and expects its reply.
func exchange(c net.Conn, m message) error {
	sent := make(chan error, 1)
	go func() {
		_, err := c.Write(m.request)
		sent <- err
	}()
	err := expect(c, m.reply)
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
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	for i, cmd := range s.cmds {
		cmd.Process.Signal(by)
		select {
		case <-s.ended[i]:
		case <-ctx.Done():
			s.t.Fatalf("%v does not end it", by)
		}
		if !cmd.ProcessState.Success() {
			s.t.Errorf("after %v: %v", by, cmd.ProcessState)
		}
	}
	if s.network == "unix" {
		if _, err := os.Stat(s.addr); err == nil {
			s.t.Error("the socket's file is left behind")
		}
	}
}
