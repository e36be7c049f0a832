package engines

import (
	"connbench/models"
	"connbench/models/wire"
)

// pages are what the libraries of HTTP serve, which is what package wire's codec does: at / a
// text of the length that it is told, at /echo what the request brings.
type pages struct {
	root page
	max  int // bytes of a request's body
	work func(request []byte)
}

type page struct {
	status int
	text   bool // and no octets
	body   []byte
	ends   error // the connection, and why
}

func newPages(cfg *models.Config) *pages {
	return &pages{
		root: page{status: 200, body: wire.AppendFill(nil, cfg.ResponseSize)},
		max:  cfg.MaxFrame,
		work: cfg.Perform(),
	}
}

var (
	notFound   = &page{status: 404, text: true, body: []byte("404 Not Found\n")}
	notAllowed = &page{status: 405, text: true, body: []byte("405 Method Not Allowed\n")}
	badBody    = &page{status: 400, text: true, body: []byte("400 Bad Request\n"), ends: wire.ErrMalformed}
	longBody   = &page{status: 413, text: true, body: []byte("413 Content Too Large\n"), ends: wire.ErrTooLong}
	longHead   = &page{status: 431, text: true, body: []byte("431 Request Header Fields Too Large\n"), ends: wire.ErrTooLong}
	noMethod   = &page{status: 501, text: true, body: []byte("501 Not Implemented\n"), ends: wire.ErrMalformed}
)

const methodsAllowed = "GET, HEAD, POST, PUT"

// refused is the answer to a request whose body is not read; nil where it is.
func (p *pages) refused(method string, length int) *page {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE":
		if length > p.max {
			return longBody
		}
		return nil
	}
	return noMethod
}

func (p *pages) find(method, path string, body []byte) *page {
	if p.work != nil {
		p.work(body)
	}
	switch method {
	case "GET", "HEAD", "POST", "PUT":
	default:
		return notAllowed
	}
	switch path {
	case "/":
		return &p.root
	case "/echo":
		return &page{status: 200, body: body}
	}
	return notFound
}
