package python_test

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"

	"connbench/models/python"
)

// eachWeb runs a test of every row that speaks HTTP.
func eachWeb(t *testing.T, test func(*testing.T, *server)) {
	for _, row := range python.Rows() {
		if row := (subject{row, 1}); row.web() {
			t.Run(row.Name, func(t *testing.T) {
				t.Parallel()
				test(t, start(t, row, "tcp", "http"))
			})
		}
	}
}

// reply is an answer of HTTP, with further fields.
func reply(status, kind, fields, body string) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n%s", status, kind, len(body), fields, body)
}

// What is at / is of the length asked for, and is the text that our own models have.
func TestPages(t *testing.T) {
	const octets = "application/octet-stream"
	root := strings.Repeat("connbench measures servers. ", 2500)
	empty := reply("200 OK", octets, "", "")
	ask := func(line, fields string) string { return line + " HTTP/1.1\r\nHost: test\r\n" + fields + "\r\n" }
	talks := map[string]struct{ asked, answered string }{
		"get":      {ask("GET /", ""), reply("200 OK", octets, "", root)},
		"query":    {ask("GET /?a=b", ""), reply("200 OK", octets, "", root)},
		"put":      {ask("PUT /echo", "Content-Length: 2\r\n") + "hi", reply("200 OK", octets, "", "hi")},
		"no body":  {ask("POST /echo", ""), empty},
		"head":     {ask("HEAD /", "") + ask("GET /echo", ""), strings.TrimSuffix(reply("200 OK", octets, "", root), root) + empty},
		"nowhere":  {ask("GET /nowhere", ""), reply("404 Not Found", "text/plain", "", "404 Not Found\n")},
		"continue": {ask("POST /echo", "Expect: 100-continue\r\nContent-Length: 2\r\n"), "HTTP/1.1 100 Continue\r\n\r\n"},
		"kept":     {"GET /echo HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", reply("200 OK", octets, "Connection: keep-alive\r\n", "")},
		"close":    {ask("GET /echo", "Connection: close\r\n"), reply("200 OK", octets, "Connection: close\r\n", "")},
	}
	eachWeb(t, func(t *testing.T, s *server) {
		for name, talk := range talks {
			t.Log(name)
			c := s.dial()
			s.check(exchange(c, message{[]byte(talk.asked), []byte(talk.answered)}))
			switch name {
			case "continue":
				s.check(exchange(c, message{[]byte("hi"), []byte(reply("200 OK", octets, "", "hi"))}))
			case "close":
				s.closed(c)
				continue
			}
			s.check(exchange(c, s.message(100)))
		}
		s.stop(syscall.SIGTERM)
	})
}

// What a client does wrong is answered with a status where it can be, and ends that client alone.
func TestBadRequests(t *testing.T) {
	head := "POST /echo HTTP/1.1\r\nHost: test\r\n"
	requests := map[string]struct{ request, status string }{
		"no HTTP":     {"hello\r\n\r\n", "400"},
		"no length":   {head + "Content-Length: x\r\n\r\n", "400"},
		"negative":    {head + "Content-Length: -1\r\n\r\n", "400"},
		"two lengths": {head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"},
		"chunks":      {head + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "501"},
		"too long":    {head + fmt.Sprintf("Content-Length: %d\r\n\r\n", maxFrame+1), "413"},
		"method":      {"BREW / HTTP/1.1\r\nHost: test\r\n\r\n", "501"},
		"version":     {"GET / HTTP/3.0\r\nHost: test\r\n\r\n", "505"},
		"long head":   {head + "X: " + strings.Repeat("y", 1<<17) + "\r\n\r\n", "431"},
		"body cut":    {head + "Content-Length: 5\r\n\r\nhell", ""},
	}
	eachWeb(t, func(t *testing.T, s *server) {
		for name, bad := range requests {
			said, err := s.refused(bad.request, bad.status == "")
			switch {
			case bad.status == "" && said == "" && err == nil:
			case strings.HasPrefix(said, "HTTP/1.1 "+bad.status) && bad.status != "":
			case strings.Contains(said, "Error code: "+bad.status): // to what is no request of HTTP/1, without a status line
			case name == "long head" && err != nil: // a reset may be faster than the last word
			default:
				t.Errorf("%s: it says %q (%v)", name, said, err)
			}
			s.answers()
		}
		s.stop(syscall.SIGTERM)
		if strings.Contains(s.said(), "Traceback") || !strings.Contains(s.said(), "client: closed after 4 bytes of a body of 5") {
			t.Errorf("it said: %s", s.said())
		}
	})
}

// refused is what a server says to a bad request behind a good one, and how the stream ends.
func (s *server) refused(request string, halfClose bool) (said string, err error) {
	s.t.Helper()
	c := s.dial()
	before := s.message(10)
	sent := make(chan struct{})
	go func() { // the server need not read all of it
		c.Write(slices.Concat(before.request, []byte(request)))
		if halfClose {
			c.(*net.TCPConn).CloseWrite()
		}
		close(sent)
	}()
	s.check(expect(c, before.reply))
	all, err := io.ReadAll(c)
	<-sent
	return string(all), err
}
