package engines

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"connbench/models"
)

// libraries are the engines whose connections are visitors.
var libraries = []models.Model{NetHTTP, FastHTTP, Redcon}

// visit is a connection to a server, for the time of a test.
func visit(t *testing.T, s models.Server) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	return c
}

// awaitCount waits until one connection has ended in a class.
func awaitCount(t *testing.T, s models.Server, class string) {
	t.Helper()
	counters := s.(models.Counting).Counters
	for start := time.Now(); counters()[class] != 1; time.Sleep(time.Millisecond) {
		if time.Since(start) > patience {
			t.Fatalf("not counted as %s: %v", class, counters())
		}
	}
}

// Who does not get through the handshake ends in a class.
func TestVisitorsHandshakes(t *testing.T) {
	const hello = "\x16\x03\x01\x00\xc8\x01\x00\x00\xc4" // the beginning of a client's
	for _, m := range libraries {
		for _, who := range []struct {
			name, class string
			idle        time.Duration
			behave      func(net.Conn)
		}{
			{"leaves at once", "clean", 0, func(c net.Conn) { c.Close() }},
			{"resets inside it", "reset", 0, func(c net.Conn) { io.WriteString(c, hello); c.(*net.TCPConn).SetLinger(0); c.Close() }},
			{"speaks no TLS", "failed", 0, func(c net.Conn) { io.WriteString(c, "GET / HTTP/1.1\r\n\r\n") }},
			{"speaks an old one", "failed", 0, func(c net.Conn) {
				tls.Client(c, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12}).Handshake()
			}},
			{"says nothing", "idle", 20 * time.Millisecond, func(net.Conn) {}},
			{"stops inside it", "idle", 20 * time.Millisecond, func(c net.Conn) { io.WriteString(c, hello) }},
		} {
			t.Run(m.Name+"/"+who.name, func(t *testing.T) {
				s, _ := started(t, m, func(c *models.Config) {
					c.TLS, c.Framing, c.IdleTimeout = true, m.DefaultFraming(), who.idle
				})
				who.behave(visit(t, s))
				awaitCount(t, s, who.class)
			})
		}
	}
}

// Shutdown does not wait for a handshake.
func TestVisitorsShutdownInsideHandshake(t *testing.T) {
	for _, m := range libraries {
		s, _ := started(t, m, func(c *models.Config) { c.TLS, c.Framing = true, m.DefaultFraming() })
		io.WriteString(visit(t, s), "\x16\x03\x01")
		awaitCount(t, s, "accepted")
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		awaitCount(t, s, "clean")
	}
}

// A body is as long as the maximum allows, whether its length is told or it comes in chunks.
func TestPagesLimits(t *testing.T) {
	const most = 10_000
	head := "POST /echo HTTP/1.1\r\nHost: test\r\n"
	told := func(n int) string {
		return head + fmt.Sprintf("Content-Length: %d\r\n\r\n", n) + strings.Repeat("x", n)
	}
	chunked := func(n int) string {
		return head + "Transfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\n", n) + strings.Repeat("x", n) + "\r\n0\r\n\r\n"
	}
	for _, m := range []models.Model{NetHTTP, FastHTTP} {
		for name, body := range map[string]func(int) string{"told": told, "chunks": chunked} {
			t.Run(m.Name+"/"+name, func(t *testing.T) {
				var worked atomic.Int64
				s, _ := started(t, m, func(c *models.Config) {
					c.Framing, c.MaxFrame, c.Work = models.HTTP, most, "cpu:1ns"
				})
				p := pagesOf(s)
				p.work = func(request []byte) { worked.Add(int64(len(request))) }
				c := visit(t, s)
				io.WriteString(c, body(most))
				status := make([]byte, 15)
				if _, err := io.ReadFull(c, status); err != nil || string(status) != "HTTP/1.1 200 OK" || worked.Load() != most {
					t.Fatalf("%q, %v, work on %d bytes", status, err, worked.Load())
				}
				c = visit(t, s)
				io.WriteString(c, body(most+1))
				all, err := io.ReadAll(c) // a reset may be faster
				if err == nil && !strings.HasPrefix(string(all), "HTTP/1.1 413 ") || worked.Load() != most {
					t.Errorf("%q, work on %d bytes", all, worked.Load())
				}
				awaitCount(t, s, "oversized")
			})
		}
	}
}

func pagesOf(s models.Server) *pages {
	if n, ok := s.(*netHTTPServer); ok {
		return n.pages
	}
	return s.(*fastHTTPServer).pages
}

// What net/http says is what our own rows say, in another order.
func TestNetHTTPSays(t *testing.T) {
	s, _ := started(t, NetHTTP, func(c *models.Config) { c.Framing, c.ResponseSize = models.HTTP, 5 })
	for request, want := range map[string]string{
		"GET /":      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\nContent-Type: application/octet-stream\r\n\r\nconnb",
		"HEAD /":     "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\nContent-Type: application/octet-stream\r\n\r\n",
		"DELETE /":   "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, POST, PUT\r\nConnection: close\r\nContent-Length: 23\r\nContent-Type: text/plain\r\n\r\n405 Method Not Allowed\n",
		"GET /other": "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 14\r\nContent-Type: text/plain\r\n\r\n404 Not Found\n",
	} {
		c := visit(t, s)
		io.WriteString(c, request+" HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
		if got, err := io.ReadAll(c); err != nil || sorted(string(got)) != sorted(want) {
			t.Errorf("%s: %q, %v, want %q", request, got, err, want)
		}
	}
}

// sorted is an answer with the place of Connection left open.
func sorted(answer string) string {
	const field = "Connection: close\r\n"
	return strings.Replace(answer, field, "", 1) + strings.Repeat(field, strings.Count(answer, field))
}
