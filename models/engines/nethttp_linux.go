package engines

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"

	"connbench/models"
	"connbench/models/wire"
)

type netHTTPServer struct {
	*visits
	http  http.Server
	pages *pages
}

const (
	// netHTTPRoom is what net/http reads with.
	netHTTPRoom = 4 << 10
	// netHTTPSlack is how much longer it lets a head be than it is told: by 4 KiB, and by
	// what it has read of it together with the request before.
	netHTTPSlack = 4<<10 + netHTTPRoom
)

func openNetHTTP(cfg models.Config) (models.Server, error) {
	v, err := newVisits(cfg, netHTTPRoom)
	if err != nil {
		return nil, err
	}
	v.refusal = netHTTPRefusal
	s := &netHTTPServer{visits: v, pages: newPages(&cfg)}
	s.http = http.Server{
		Handler:                      s,
		MaxHeaderBytes:               wire.MostHead - netHTTPSlack,
		DisableGeneralOptionsHandler: true,
		Protocols:                    new(http.Protocols),
		ErrorLog:                     log.New(io.Discard, "", 0),
		ConnState:                    s.state,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, visitorKey{}, c)
		},
	}
	s.http.Protocols.SetHTTP1(true)
	return s, nil
}

func (s *netHTTPServer) Serve() error { return s.serve(s.http.Serve) }

// state is called in the connection's goroutine.
func (s *netHTTPServer) state(c net.Conn, state http.ConnState) {
	switch state {
	case http.StateIdle:
		c.(*visitor).next()
	case http.StateClosed:
		s.left(c.(*visitor))
	}
}

// netHTTPRefusal is why net/http refuses a request, by the status of what it says.
func netHTTPRefusal(said []byte) error {
	if bytes.HasPrefix(said, []byte("HTTP/1.1 431 ")) {
		return wire.ErrTooLong
	}
	return wire.ErrMalformed
}

type visitorKey struct{}

var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func (s *netHTTPServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := r.Context().Value(visitorKey{}).(*visitor)
	c.begin(r.Body == http.NoBody)
	page := s.pages.refused(r.Method, int(min(r.ContentLength, 1<<31-1)))
	if page == nil {
		buf := bodies.Get().(*bytes.Buffer)
		defer bodies.Put(buf)
		buf.Reset()
		page = s.find(c, w, r, buf)
	}
	switch {
	case page.ends != nil:
		c.note(page.ends)
	case r.Close:
		c.note(wire.ErrClose)
	}
	page.put(w.Header())
	w.WriteHeader(page.status)
	if r.Method != http.MethodHead {
		w.Write(page.body)
	}
}

func (s *netHTTPServer) find(c *visitor, w http.ResponseWriter, r *http.Request, buf *bytes.Buffer) *page {
	if r.Body != http.NoBody {
		_, err := buf.ReadFrom(http.MaxBytesReader(w, r.Body, int64(s.pages.max)))
		tooLong := (*http.MaxBytesError)(nil)
		switch {
		case err == nil:
			c.partial = false
		case errors.As(err, &tooLong):
			return longBody
		case c.ending() != nil: // the connection has ended inside the body
			panic(http.ErrAbortHandler)
		default:
			return badBody
		}
	}
	return s.pages.find(r.Method, r.URL.Path, buf.Bytes())
}

// put writes the fields that our own rows have.
func (p *page) put(header http.Header) {
	header["Date"] = nil // or net/http adds one
	header["Content-Type"] = octets
	header["Content-Length"] = []string{strconv.Itoa(len(p.body))}
	if p.text {
		header["Content-Type"] = plainText
	}
	if p == notAllowed {
		header.Set("Allow", methodsAllowed)
	}
	if p.ends != nil {
		header.Set("Connection", "close")
	}
}

var (
	octets    = []string{"application/octet-stream"}
	plainText = []string{"text/plain"}
)
