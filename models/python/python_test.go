package python_test

import (
	"encoding/binary"
	"net"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"connbench/models/python"
)

// subject is a row under test, in so many processes.
type subject struct {
	python.Row
	processes int
}

// eachRow runs a test of every row that serves a stream, on each network, and of some in two
// processes.
func eachRow(t *testing.T, test func(*testing.T, subject, string)) {
	run := func(name string, row subject, network string) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, row, network)
		})
	}
	for _, row := range python.Rows() {
		for _, network := range row.Networks {
			if network != "udp" {
				run(row.Name+"/"+network, subject{row, 1}, network)
			}
		}
		if slices.Contains([]string{"python-selectors", "python-asyncio", "python-socketserver-threading"}, row.Name) {
			run(row.Name+"/two processes", subject{row, 2}, "tcp")
		}
	}
}

// first is the protocol that a row is tested with where others would do as well.
func (s subject) first() string { return strings.Join(s.Framings[:min(1, len(s.Framings))], "") }

// web reports whether a row speaks HTTP.
func (s subject) web() bool { return s.first() == "http" }

// atOnce reports whether a row serves several clients at the same time.
func atOnce(row subject) bool { return row.AtOnce != 1 }

func TestRows(t *testing.T) {
	name := regexp.MustCompile(`^python-[a-z-]+$`)
	for _, row := range python.Rows() {
		if !name.MatchString(row.Name) || row.Summary == "" || row.Unit == "" || len(row.Networks) == 0 {
			t.Errorf("%+v", row)
		}
		if udp := row.Networks[0] == "udp"; udp != (row.Framings == nil) {
			t.Errorf("%s speaks %q", row.Name, row.Framings)
		}
	}
	names := python.Names(python.Rows())
	if len(slices.Compact(slices.Sorted(slices.Values(names)))) != len(names) || len(names) != 9 {
		t.Errorf("names %q", names)
	}
}

func TestFrames(t *testing.T) {
	eachRow(t, func(t *testing.T, row subject, network string) {
		s := start(t, row, network, row.first())
		c := s.dial()
		for _, size := range []int{0, 1, 64, 4096, 65536, 70000, maxFrame} {
			s.check(exchange(c, s.message(size)))
		}
		// Several in one, and one in several.
		var many message
		for _, size := range []int{10, 0, 3000, 7} {
			m := s.message(size)
			many = message{append(many.request, m.request...), append(many.reply, m.reply...)}
		}
		s.check(exchange(c, many))
		for _, b := range s.message(5).request {
			if _, err := c.Write([]byte{b}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
		}
		s.check(expect(c, s.message(5).reply))
		// The end of the stream behind a request does not cost its answer.
		if _, err := c.Write(s.message(200000).request); err != nil {
			t.Fatal(err)
		}
		s.check(c.(interface{ CloseWrite() error }).CloseWrite())
		s.check(expect(c, s.message(200000).reply))
		s.closed(c)
		s.stop(syscall.SIGTERM)
		if s.said() != "" {
			t.Errorf("it said: %s", s.said())
		}
	})
}

func TestRaw(t *testing.T) {
	eachRow(t, func(t *testing.T, row subject, network string) {
		if row.web() {
			t.Skip("it speaks HTTP")
		}
		s := start(t, row, network, "raw")
		c := s.dial()
		for _, size := range []int{1, 5, 70000, 3 << 20} { // no frame, so none is too long
			s.check(exchange(c, s.message(size)))
		}
		s.stop(syscall.SIGINT)
	})
}

// What one client does wrong ends that client.
func TestBadClients(t *testing.T) {
	eachRow(t, func(t *testing.T, row subject, network string) {
		if row.web() {
			t.Skip("see TestBadRequests")
		}
		s := start(t, row, network, row.first())
		for name, bytes := range map[string][]byte{
			"header cut":    {0, 0},
			"frame cut":     s.message(100).request[:50],
			"answered, cut": slices.Concat(s.message(10).request, s.message(100).request[:50]),
		} {
			c := s.dial()
			if _, err := c.Write(bytes); err != nil {
				t.Fatal(name, err)
			}
			s.check(c.(interface{ CloseWrite() error }).CloseWrite())
			if name == "answered, cut" {
				s.check(expect(c, s.message(10).reply))
			}
			s.closed(c)
			s.answers()
		}
		tooLong := s.dial()
		if _, err := tooLong.Write(binary.BigEndian.AppendUint32(nil, maxFrame+1)); err != nil {
			t.Fatal(err)
		}
		s.closed(tooLong)
		s.answers()
		if tcp, ok := s.dial().(*net.TCPConn); ok {
			s.check(exchange(tcp, s.message(10)))
			tcp.SetLinger(0)
			tcp.Close() // a reset
			s.answers()
		}
		s.stop(syscall.SIGTERM)
		for _, said := range []string{"client: closed in the middle of a", "client: a frame of 1048577 bytes"} {
			if !strings.Contains(s.said(), said) {
				t.Errorf("it did not say %q but %q", said, s.said())
			}
		}
		if strings.Contains(s.said(), "Traceback") {
			t.Errorf("it said: %s", s.said())
		}
	})
}

// A second client is answered while the first is there, or after it.
func TestTwoClients(t *testing.T) {
	eachRow(t, func(t *testing.T, row subject, network string) {
		s := start(t, row, network, row.first())
		first := s.dial()
		s.check(exchange(first, s.message(10)))
		second := s.dial()
		if atOnce(row) {
			s.check(exchange(second, s.message(20)))
			s.check(exchange(first, s.message(30)))
		} else {
			if _, err := second.Write(s.message(20).request); err != nil {
				t.Fatal(err)
			}
			second.SetDeadline(time.Now().Add(50 * time.Millisecond))
			if n, err := second.Read(make([]byte, 1)); err == nil {
				t.Errorf("%d bytes for a second client", n)
			}
			second.SetDeadline(time.Now().Add(patience))
			first.Close()
			s.check(expect(second, s.message(20).reply))
		}
		s.stop(syscall.SIGTERM) // in spite of who is still there
	})
}

// A client that does not read its answers holds up nobody that has a turn of its own.
func TestStalledClient(t *testing.T) {
	eachRow(t, func(t *testing.T, row subject, network string) {
		if !atOnce(row) {
			t.Skip("one client at a time")
		}
		s := start(t, row, network, row.first())
		stalled := s.dial()
		stalled.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
		request := s.message(maxFrame).request
		written := 0
		for range 64 {
			n, err := stalled.Write(request)
			written += n
			if err != nil {
				break
			}
		}
		if written == 64*len(request) {
			t.Errorf("the server has read %d bytes of a client that reads none", written)
		}
		s.answers()
		s.stop(syscall.SIGTERM)
	})
}

// Where the descriptors are used up, clients wait, and are served when some are
// free again.
func TestDescriptorsUsedUp(t *testing.T) {
	eachRow(t, func(t *testing.T, row subject, network string) {
		if !atOnce(row) {
			t.Skip("one client at a time")
		}
		s := start(t, row, network, row.first(), "sh", "-c", `ulimit -n 24 && exec "$0" "$@"`)
		crowd := make([]net.Conn, 40)
		for i := range crowd {
			crowd[i] = s.dial()
		}
		s.check(exchange(crowd[0], s.message(10)))
		for _, c := range crowd[1:] {
			c.Close()
		}
		s.answers()
		s.check(exchange(crowd[0], s.message(10)))
		s.stop(syscall.SIGTERM)
	})
}

func TestDatagrams(t *testing.T) {
	rows := python.Rows()
	row := rows[slices.Index(python.Names(rows), "python-udp")]
	for _, processes := range []int{1, 2} {
		s := start(t, subject{row, processes}, "udp", "")
		for range 8 {
			c := s.dial()
			for _, size := range []int{1, 64, 1400, 65507} {
				s.check(exchange(c, s.message(size)))
			}
		}
		s.stop(syscall.SIGTERM)
	}
}

// Of two processes both have clients.
func TestTwoProcesses(t *testing.T) {
	for _, row := range python.Rows() {
		t.Run(row.Name, func(t *testing.T) {
			t.Parallel()
			two := subject{row, 2}
			s := start(t, two, two.Networks[0], two.first())
			clients := make([]net.Conn, 40) // of which all go to one process once in 2^39 times
			for i := range clients {
				clients[i] = s.dial()
			}
			s.cmds[0].Process.Kill()
			<-s.ended[0]
			served := 0
			for _, c := range clients {
				if exchange(c, s.message(10)) == nil {
					served++
				}
				if row.AtOnce == 1 {
					c.Close()
				}
			}
			if served == 0 || served == len(clients) != (s.network == "udp") { // whose datagrams go where there is a socket
				t.Errorf("without the first process %d of %d clients are served", served, len(clients))
			}
			s.cmds, s.ended = s.cmds[1:], s.ended[1:]
			s.stop(syscall.SIGTERM)
		})
	}
}

// A Unix socket is nobody else's, which is said in a line.
func TestNoSharedPath(t *testing.T) {
	path, dir := interpreter(t), t.TempDir()
	if err := python.Install(dir); err != nil {
		t.Fatal(err)
	}
	command := python.Rows()[0].Command(path, dir, dir+"/s", python.Options{MaxFrame: maxFrame, ReusePort: true})
	out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "error: --reuseport is of a port, not of a Unix socket") {
		t.Errorf("%v: %s", err, out)
	}
}

// An address that is none, or taken, is said in a line.
func TestBadAddress(t *testing.T) {
	path, dir := interpreter(t), t.TempDir()
	if err := python.Install(dir); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for address, says := range map[string]string{
		"localhost":              "localhost is neither host:port nor a path",
		"127.0.0.1:http":         "neither host:port",
		dir + "/none/s":          "No such file",
		taken.Addr().String():    "Address already in use",
		dir + "/tutorial.py":     "Address already in use",
		"192.0.2.1:7":            "Cannot assign",
		strings.Repeat("/", 200): "too long",
	} {
		for _, row := range python.Rows() {
			if row.Name != "python-sequential" && row.Name != "python-socketserver" {
				continue // they listen as the first does
			}
			command := row.Command(path, dir, address, python.Options{MaxFrame: maxFrame})
			out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
			if err == nil || !strings.Contains(string(out), says) || strings.Contains(string(out), "Traceback") {
				t.Errorf("%s at %s: %v: %s", row.Name, address, err, out)
			}
		}
	}
}
