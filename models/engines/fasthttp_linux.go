package engines

import (
	"errors"
	"math"
	"net"
	"time"
	"unsafe"

	"connbench/models"
	"connbench/models/wire"

	"github.com/valyala/fasthttp"
)

type fastHTTPServer struct {
	*visits
	http  fasthttp.Server
	pages *pages
}

// fastHTTPIdle is how long a goroutine of fasthttp's waits for another connection, and how long
// the one that ends these goes on after the server. fasthttp's own choice is 10 s.
const fastHTTPIdle = 100 * time.Millisecond

func openFastHTTP(cfg models.Config) (models.Server, error) {
	v, err := newVisits(cfg, 0)
	if err != nil {
		return nil, err
	}
	s := &fastHTTPServer{visits: v, pages: newPages(&cfg)}
	s.http = fasthttp.Server{
		Handler:               s.answer,
		ErrorHandler:          s.refuse,
		ConnState:             s.state,
		ReadBufferSize:        cfg.ReadBuffer,
		MaxRequestBodySize:    cfg.MaxFrame,
		MaxIdleWorkerDuration: fastHTTPIdle,
		Concurrency:           math.MaxInt32,
		NoDefaultServerHeader: true,
		NoDefaultDate:         true,
		NoDefaultContentType:  true,
		Logger:                silent{},
	}
	return s, nil
}

func (s *fastHTTPServer) Serve() error { return s.serve(s.http.Serve) }

type silent struct{}

func (silent) Printf(string, ...any) {}

// state is called in the connection's goroutine.
func (s *fastHTTPServer) state(c net.Conn, state fasthttp.ConnState) {
	switch v := c.(*visitor); state {
	case fasthttp.StateActive: // its first byte is there
		v.partial = true
	case fasthttp.StateIdle:
		v.next()
	case fasthttp.StateClosed:
		s.left(v)
	}
}

func (s *fastHTTPServer) answer(ctx *fasthttp.RequestCtx) {
	c := ctx.Conn().(*visitor)
	c.begin(true)
	method := textOf(ctx.Method())
	page := s.pages.refused(method, 0) // whose length fasthttp has looked at
	if page == nil {
		page = s.pages.find(method, textOf(ctx.Path()), ctx.PostBody())
	}
	if page.ends == nil && ctx.Request.Header.ConnectionClose() {
		c.note(wire.ErrClose)
	}
	s.put(ctx, c, page)
}

// refuse is the answer to what fasthttp cannot read, unless that is because the client has left.
func (s *fastHTTPServer) refuse(ctx *fasthttp.RequestCtx, err error) {
	c := ctx.Conn().(*visitor)
	if c.ending() != nil {
		return
	}
	c.begin(true)
	small := (*fasthttp.ErrSmallBuffer)(nil)
	switch {
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		s.put(ctx, c, longBody)
	case errors.As(err, &small):
		s.put(ctx, c, longHead)
	default:
		s.put(ctx, c, badBody)
	}
}

func (s *fastHTTPServer) put(ctx *fasthttp.RequestCtx, c *visitor, page *page) {
	r := &ctx.Response
	r.SetStatusCode(page.status)
	r.Header.SetContentType("application/octet-stream")
	if page.text {
		r.Header.SetContentType("text/plain")
	}
	switch page {
	case notAllowed:
		r.Header.Set("Allow", methodsAllowed)
	case longBody:
		r.Header.SetStatusMessage([]byte("Content Too Large"))
	}
	if page.status == fasthttp.StatusOK && page != &s.pages.root {
		r.SetBody(page.body) // which is the request's
	} else {
		r.SetBodyRaw(page.body)
	}
	if page.ends != nil {
		c.note(page.ends)
		ctx.SetConnectionClose()
	}
}

// textOf is b without a copy, for as long as fasthttp leaves it alone.
func textOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
