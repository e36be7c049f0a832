package wire

import (
	"bytes"
	"errors"
	"strconv"
)

// web is HTTP/1.1 (RFC 9112) as far as a server needs it that answers GET, HEAD, POST and PUT:
// at / a text of a length that it is told, at /echo the request's body. Where the RFC leaves a
// choice about what cannot be told for sure, how long a request is above all, it refuses: two
// lengths, a length beside a coding, a line without its carriage return, one that goes on in the
// next, a name with a space before its colon.
type web struct {
	max  int    // payload
	fill int    // length of what is at /
	root []byte // the whole reply to GET / on a connection that stays
}

const (
	// MostHead is the longest request line with its fields, and the longest trailers, in bytes.
	MostHead = 16 << 10
	// mostChunkLine is the longest line before a chunk.
	mostChunkLine = 256
)

func openHTTP(o Options) Codec {
	w := &web{max: o.MaxPayload, fill: o.Response}
	w.root = AppendFill(appendOK(nil, o.Response, ""), o.Response)
	return w
}

var (
	badRequest  = &refusal{"400 Bad Request", ErrMalformed}
	longPayload = &refusal{"413 Content Too Large", ErrTooLong}
	noExpect    = &refusal{"417 Expectation Failed", ErrMalformed}
	longHead    = &refusal{"431 Request Header Fields Too Large", ErrTooLong}
	noMethod    = &refusal{"501 Not Implemented", ErrMalformed}
	noVersion   = &refusal{"505 HTTP Version Not Supported", ErrMalformed}
	tooMuch     = &refusal{"503 Service Unavailable", ErrTooLong}
)

func (w *web) Next(b []byte, p *Progress) (int, error) {
	if p.at == 0 {
		end, err := headEnd(b, p)
		if err != nil || end > len(b) {
			return end, err
		}
		h, _, err := parseHead(b[:end])
		if err != nil {
			return 0, err
		}
		if h.length > w.max {
			return 0, longPayload
		}
		p.at, p.body, p.more, p.Made = int32(end), int32(max(0, h.length)), h.chunked, true
		p.Waits = h.waits && len(b) == end && (h.chunked || h.length > 0)
	}
	if p.more {
		return w.chunks(b, p)
	}
	return int(p.at + p.body), nil
}

// headEnd is where the empty line ends that ends a head; p.body is where the line begins that has
// been looked at last.
func headEnd(b []byte, p *Progress) (int, error) {
	for {
		at := int(p.body)
		i := bytes.IndexByte(b[at:], '\n')
		switch {
		case i < 0 && len(b) > MostHead, at+i > MostHead:
			return 0, longHead
		case i < 0:
			return len(b) + lineStep, nil
		case i == 0 || b[at+i-1] != '\r':
			return 0, badRequest
		case i == 1 && at == 0:
			return 0, badRequest // a request begins with its line
		case i == 1:
			return at + 2, nil
		}
		p.body += int32(i + 1)
	}
}

// chunks looks for the end of a body that comes in chunks; p.at is where a chunk's line begins, and
// p.body the length of those before.
func (w *web) chunks(b []byte, p *Progress) (int, error) {
	for {
		at := int(p.at)
		size, data, err := chunkLine(b[at:])
		if err != nil || data == 0 {
			return len(b) + lineStep, err
		}
		if size > w.max-int(p.body) {
			return 0, longPayload
		}
		data += at
		if size == 0 {
			return trailersEnd(b, data)
		}
		end := data + size + 2
		if end > len(b) {
			return end, nil
		}
		if b[end-2] != '\r' || b[end-1] != '\n' {
			return 0, badRequest
		}
		p.at, p.body = int32(end), p.body+int32(size)
	}
}

// chunkLine reads the line that b begins with: a hexadecimal length, and extensions, which nobody
// heeds. data is where what follows it begins, 0 where the line has not ended.
func chunkLine(b []byte) (size, data int, err error) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 && len(b) <= mostChunkLine {
		return 0, 0, nil
	}
	if i < 2 || i > mostChunkLine || b[i-1] != '\r' {
		return 0, 0, badRequest
	}
	line, digits := b[:i-1], 0
	for ; digits < len(line); digits++ {
		d := hexDigit(line[digits])
		if d < 0 {
			break
		}
		if digits == 8 {
			return 0, 0, longPayload
		}
		size = size<<4 | d
	}
	rest := line[digits:]
	if digits == 0 || len(rest) > 0 && rest[0] != ';' || !fieldText(rest) {
		return 0, 0, badRequest
	}
	return size, i + 1, nil
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// trailersEnd is where the fields behind the last chunk end, which nobody heeds.
func trailersEnd(b []byte, at int) (int, error) {
	for begin := at; ; {
		i := bytes.IndexByte(b[at:], '\n')
		switch {
		case i < 0 && len(b)-begin > MostHead:
			return 0, longHead
		case i < 0:
			return len(b) + lineStep, nil
		case at+i-begin > MostHead:
			return 0, longHead
		case i == 0 || b[at+i-1] != '\r':
			return 0, badRequest
		case i == 1:
			return at + 2, nil
		}
		if _, _, ok := field(b[at : at+i-1]); !ok {
			return 0, badRequest
		}
		at += i + 1
	}
}

func (w *web) Reply(dst, request []byte, left *Budget) ([]byte, error) {
	h, end, err := parseHead(request)
	if err != nil {
		return dst, err
	}
	connection := ""
	switch {
	case h.close || h.old && !h.stays:
		connection, err = "Connection: close\r\n", ErrClose
	case h.old:
		connection = "Connection: keep-alive\r\n"
	}
	switch path := h.path(); {
	case !h.known:
		dst = appendStatus(dst, "405 Method Not Allowed", "Allow: GET, HEAD, POST, PUT\r\n"+connection, h.head)
	case path == "/":
		if h.head {
			return appendOK(dst, w.fill, connection), err
		}
		if short := left.take(w.fill); short != nil {
			return dst, tooMuch
		}
		if connection == "" {
			return append(dst, w.root...), nil
		}
		dst = AppendFill(appendOK(dst, w.fill, connection), w.fill)
	case path == "/echo":
		body := request[end:]
		if h.chunked {
			dst = appendOK(dst, chunksLength(body), connection)
			if !h.head {
				dst = appendChunks(dst, body)
			}
			return dst, err
		}
		dst = appendOK(dst, len(body), connection)
		if !h.head {
			dst = append(dst, body...)
		}
	default:
		dst = appendStatus(dst, "404 Not Found", connection, h.head)
	}
	return dst, err
}

// chunksLength is how long the chunks of a whole request are together.
func chunksLength(b []byte) (n int) {
	for size, data, _ := chunkLine(b); size > 0; size, data, _ = chunkLine(b) {
		n += size
		b = b[data+size+2:]
	}
	return n
}

func appendChunks(dst, b []byte) []byte {
	for size, data, _ := chunkLine(b); size > 0; size, data, _ = chunkLine(b) {
		dst = append(dst, b[data:data+size]...)
		b = b[data+size+2:]
	}
	return dst
}

// appendOK appends the head of a reply with a body of n bytes, and a further line.
func appendOK(dst []byte, n int, line string) []byte {
	dst = append(dst, "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: "...)
	dst = strconv.AppendInt(dst, int64(n), 10)
	dst = append(dst, "\r\n"...)
	dst = append(dst, line...)
	return append(dst, "\r\n"...)
}

func appendStatus(dst []byte, status, lines string, head bool) []byte {
	dst = append(dst, "HTTP/1.1 "...)
	dst = append(dst, status...)
	dst = append(dst, "\r\nContent-Type: text/plain\r\nContent-Length: "...)
	dst = strconv.AppendInt(dst, int64(len(status)+1), 10)
	dst = append(dst, "\r\n"...)
	dst = append(dst, lines...)
	dst = append(dst, "\r\n"...)
	if head {
		return dst
	}
	dst = append(dst, status...)
	return append(dst, '\n')
}

func (w *web) Notice(dst []byte, why error) []byte {
	var refused *refusal
	switch {
	case why == ErrContinue:
		return append(dst, "HTTP/1.1 100 Continue\r\n\r\n"...)
	case errors.As(why, &refused):
		return appendStatus(dst, refused.text, "Connection: close\r\n", false)
	}
	return dst
}
