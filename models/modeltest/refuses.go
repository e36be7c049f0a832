package modeltest

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"connbench/models"
	"connbench/models/wire"
)

// refusal is a stream that a protocol does not allow, how its end is counted, and the last word.
type refusal struct{ stream, class, says string }

// refusals are some of the target's framing: package wire's own tests have more.
func (g *target) refusals() map[string]refusal {
	switch g.framing {
	case models.Length:
		header := func(length uint32) string { return string(binary.BigEndian.AppendUint32(nil, length)) }
		return map[string]refusal{
			"too long by one": {header(wire.DefaultMaxPayload + 1), "oversized", ""},
			"too long by all": {header(0xffffffff), "oversized", ""},
			"no room":         {header(1<<31|3) + "abc", "malformed", ""}, // for the field that is announced
		}
	case models.Line:
		return map[string]refusal{"endless line": {strings.Repeat("x", wire.DefaultMaxPayload+1), "oversized", ""}}
	case models.RESP:
		return map[string]refusal{
			"no bulk":        {"*1\r\n!4\r\n", "malformed", "-ERR Protocol error: expected '$'\r\n"},
			"no length":      {"*1\r\n$four\r\n", "malformed", "-ERR Protocol error: invalid bulk length\r\n"},
			"far too many":   {"*1000000\r\n", "oversized", "-ERR Protocol error: invalid multibulk length\r\n"},
			"far too long":   {"*1\r\n$1000000000\r\n", "oversized", "-ERR Protocol error: invalid bulk length\r\n"},
			"endless number": {"*" + strings.Repeat("1", 40), "malformed", "-ERR Protocol error: invalid multibulk length\r\n"},
		}
	case models.Memcache:
		return map[string]refusal{
			"no size":      {"set k 0 0 four\r\n", "malformed", "CLIENT_ERROR bad command line format\r\n"},
			"another size": {"set k 0 0 3\r\nfour\r\n", "malformed", "CLIENT_ERROR bad data chunk\r\n"},
			"far too long": {"set k 0 0 1000000000\r\n", "oversized", "SERVER_ERROR object too large for cache\r\n"},
			"endless line": {strings.Repeat("x", 64<<10+1), "oversized", "CLIENT_ERROR line too long\r\n"},
		}
	}
	head := func(lines string) string { return "POST /echo HTTP/1.1\r\nHost: test\r\n" + lines + "\r\n" }
	bad := refused("400 Bad Request")
	return map[string]refusal{
		"two lengths":       {head("Content-Length: 1\r\nContent-Length: 2\r\n"), "malformed", bad},
		"length and chunks": {head("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), "malformed", bad},
		"bare line feed":    {"GET / HTTP/1.1\nHost: test\n\n", "malformed", bad},
		"folded field":      {head("X: y\r\n z\r\n"), "malformed", bad},
		"bad chunk":         {head("Transfer-Encoding: chunked\r\n") + "xyz\r\n", "malformed", bad},
		"no HTTP":           {"\x16\x03\x01 hello\r\n\r\n", "malformed", bad},
		"unknown method":    {"BREW / HTTP/1.1\r\nHost: test\r\n\r\n", "malformed", refused("501 Not Implemented")},
		"later version":     {"GET / HTTP/3.0\r\nHost: test\r\n\r\n", "malformed", refused("505 HTTP Version Not Supported")},
		"too long":          {head("Content-Length: 1000000000\r\n"), "oversized", refused("413 Content Too Large")},
		"endless head":      {"GET / HTTP/1.1\r\n" + strings.Repeat("x", wire.MostHead+1), "oversized", refused("431 Request Header Fields Too Large")},
	}
}

func refused(status string) string { return statusReply(status, "Connection: close\r\n") }

// statusReply is an answer of HTTP that says its status in its body too.
func statusReply(status, lines string) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n%s\r\n%s\n", status, len(status)+1, lines, status)
}

// testRefuses sends what the protocol does not allow: what was asked before is answered, then the
// protocol's own error comes, and that is the end.
func testRefuses(t *testing.T, g *target) {
	for name, r := range g.refusals() {
		t.Run(name, func(t *testing.T) {
			if why := g.lack(refuses + "/" + name); why != "" {
				t.Skip(why)
			}
			besideOthers(t, g, r.class, func(s *server) {
				c := s.greeted(t)
				before := g.message([]byte("before")).times(3)
				sent := make(chan error, 1)
				go func() { // the server need not read all of it
					_, err := c.Write(slices.Concat(before.request, []byte(r.stream)))
					sent <- err
				}()
				c.receive(t, slices.Concat(before.reply, []byte(r.says)))
				if n, err := c.Read(make([]byte, 1)); n > 0 || !closed(err) {
					t.Errorf("read %d bytes and error %v, want an end", n, err)
				}
				if err := <-sent; err != nil && !closed(err) {
					t.Error(err)
				}
			})
		})
	}
}

// testRefusesBehindReplies has the server meet the end while replies to the requests before it wait
// for room.
func testRefusesBehindReplies(t *testing.T, g *target) {
	var last refusal
	for _, r := range g.refusals() {
		if last.stream == "" || len(r.stream) < len(last.stream) {
			last = r
		}
	}
	if len(last.stream) > wire.DefaultMaxPayload {
		t.Skip("it takes more than a buffer to be refused")
	}
	s, c := lopsided(t, g, 1<<20)
	before := g.kibibyte(1).times(150)
	c.send(t, slices.Concat(before.request, []byte(last.stream)))
	c.awaitArrival(t)
	c.receive(t, slices.Concat(before.reply, []byte(last.says)))
	check(t, c.expectEOF())
	s.awaitCount(t, last.class, 1)
	s.stop(t)
}

// testEndsAsAsked has a request end the connection, in protocols in which it can, and an end of the
// stream in others.
func testEndsAsAsked(t *testing.T, g *target) {
	s := g.start(t, nil)
	c := s.greeted(t)
	switch g.framing {
	case models.Line:
		check(t, c.closeWrite())
	case models.RESP:
		c.send(t, []byte("*1\r\n$4\r\nQUIT\r\n"))
		c.receive(t, []byte("+OK\r\n"))
	case models.Memcache:
		c.send(t, []byte("quit\r\n"))
	case models.HTTP:
		c.send(t, []byte("POST /echo HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"))
		c.receive(t, []byte("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"))
	}
	check(t, c.expectEOF())
	s.finish(t, map[string]int64{"clean": 1})
}

// testContinues has clients wait for the server's word before they send a body, behind another
// request and alone.
func testContinues(t *testing.T, g *target) {
	s := g.start(t, nil)
	c := s.dial(t)
	want := g.message([]byte("hello"))
	head := []byte("POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
	for _, ahead := range []message{{}, g.message(payload(100, 1))} {
		c.send(t, slices.Concat(ahead.request, head))
		c.receive(t, slices.Concat(ahead.reply, []byte("HTTP/1.1 100 Continue\r\n\r\n")))
		c.send(t, []byte("hello"))
		c.receive(t, want.reply)
	}
	check(t, c.closeWrite())
	check(t, c.expectEOF())
	s.finish(t, map[string]int64{"clean": 1})
}

func testAnswersHead(t *testing.T, g *target) {
	const size = 5000
	s := g.start(t, func(c *models.Config) { c.ResponseSize = size })
	c := s.dial(t)
	head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n", size)
	get, body := "GET / HTTP/1.1\r\nHost: test\r\n\r\n", string(wire.AppendFill(nil, size))
	c.send(t, []byte(get+strings.Replace(get, "GET", "HEAD", 1)+get))
	c.receive(t, []byte(head+body))
	c.bodyless(true)
	c.receive(t, []byte(head))
	c.bodyless(false)
	c.receive(t, []byte(head+body))
	s.stop(t)
}

func testAnswersInOrder(t *testing.T, g *target) {
	s := g.start(t, func(c *models.Config) { c.ReadBuffer = g.readBuffer(700) })
	c := s.dial(t)
	chunked := message{
		[]byte("PUT /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nchu\r\n4\r\nnked\r\n0\r\n\r\n"),
		g.message([]byte("chunked")).reply,
	}
	nowhere := message{[]byte("GET /nowhere HTTP/1.1\r\nHost: test\r\n\r\n"), []byte(statusReply("404 Not Found", ""))}
	check(t, c.exchange(joined(g.message(payload(10, 1)), chunked, nowhere, g.message(payload(3000, 2)), chunked).times(20)))
	s.stop(t)
}

// inOneProcess is for servers that keep values and whose connections are all of one process: each
// has values of its own.
func inOneProcess(g *target) bool {
	keeps := g.framing == models.RESP || g.framing == models.Memcache
	return stream(g) && keeps && inProcess(g) && g.model.Unit != "process for many connections"
}

func testSharesValues(t *testing.T, g *target) {
	s := g.start(t, nil)
	set := message{[]byte("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nvalue\r\n"), []byte("+OK\r\n")}
	get := message{[]byte("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"), []byte("$5\r\nvalue\r\n")}
	if g.framing == models.Memcache {
		set = message{[]byte("set k 7 0 5\r\nvalue\r\n"), []byte("STORED\r\n")}
		get = message{[]byte("get k\r\n"), []byte("VALUE k 7 5\r\nvalue\r\nEND\r\n")}
	}
	check(t, s.visit(func(c *client) error { return c.exchange(set) }))
	check(t, s.visit(func(c *client) error { return c.exchange(joined(get, get)) }))
	s.finish(t, map[string]int64{"clean": 2})
}
