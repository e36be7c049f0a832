package wire

import "bytes"

type head struct {
	target  []byte
	known   bool // a method that is served
	head    bool // HEAD, whose reply has no body
	old     bool // HTTP/1.0
	length  int  // of the body, -1 where it is not told
	chunked bool
	close   bool // the connection
	stays   bool // asks that it stay
	waits   bool // for a word before the body
	hosts   int
}

// parseHead reads the head that b begins with, each line of which ends in CR LF, to its empty line,
// and returns where that ends.
func parseHead(b []byte) (h head, at int, err error) {
	h.length = -1
	end := bytes.IndexByte(b, '\n')
	if err := h.requestLine(b[:end-1]); err != nil {
		return h, 0, err
	}
	at = end + 1
	for ; b[at] != '\r' || b[at+1] != '\n'; at += end + 1 {
		end = bytes.IndexByte(b[at:], '\n')
		name, value, ok := field(b[at : at+end-1])
		if !ok {
			return h, 0, badRequest
		}
		if err := h.field(name, value); err != nil {
			return h, 0, err
		}
	}
	switch {
	case h.chunked && (h.length >= 0 || h.old):
		return h, 0, badRequest
	case h.hosts > 1 || h.hosts == 0 && !h.old:
		return h, 0, badRequest
	}
	return h, at + len(lineEnd), nil
}

func (h *head) requestLine(line []byte) error {
	method, rest, ok := bytes.Cut(line, space)
	if !ok || !token(method) {
		return badRequest
	}
	target, version, ok := bytes.Cut(rest, space)
	if !ok || len(target) == 0 || !visible(target) {
		return badRequest
	}
	switch {
	case string(version) == "HTTP/1.1":
	case string(version) == "HTTP/1.0":
		h.old = true
	case len(version) == 8 && string(version[:5]) == "HTTP/" && digit(version[5]) && version[6] == '.' && digit(version[7]):
		return noVersion
	default:
		return badRequest
	}
	h.target = target
	switch string(method) {
	case "GET", "POST", "PUT":
		h.known = true
	case "HEAD":
		h.known, h.head = true, true
	case "DELETE", "OPTIONS", "PATCH", "TRACE":
	default:
		return noMethod
	}
	return nil
}

// path is the target without its query, and without scheme and host where it has them.
func (h *head) path() string {
	path, _, _ := bytes.Cut(h.target, []byte{'?'})
	if rest, ok := bytes.CutPrefix(path, []byte("http://")); ok {
		if i := bytes.IndexByte(rest, '/'); i >= 0 {
			path = rest[i:]
		} else {
			path = []byte("/")
		}
	}
	switch string(path) { // without a copy
	case "/":
		return "/"
	case "/echo":
		return "/echo"
	}
	return ""
}

func (h *head) field(name, value []byte) error {
	switch {
	case same(name, "content-length"):
		if h.length >= 0 {
			return badRequest
		}
		n, ok := decimal(value)
		if !ok {
			return badRequest
		}
		h.length = n
	case same(name, "transfer-encoding"):
		if h.chunked {
			return badRequest
		}
		if !same(value, "chunked") {
			return noMethod
		}
		h.chunked = true
	case same(name, "connection"):
		for item := range bytes.SplitSeq(value, []byte{','}) {
			item = trimmed(item)
			h.close = h.close || same(item, "close")
			h.stays = h.stays || same(item, "keep-alive")
		}
	case same(name, "expect"):
		if !same(value, "100-continue") {
			return noExpect
		}
		h.waits = true
	case same(name, "host"):
		h.hosts++
	}
	return nil
}

var space = []byte{' '}

// Field reports whether line, without its end, is a field as a head may have it.
func Field(line []byte) bool {
	_, _, ok := field(line)
	return ok
}

func field(line []byte) (name, value []byte, ok bool) {
	colon := bytes.IndexByte(line, ':')
	if colon < 0 {
		return nil, nil, false
	}
	name, value = line[:colon], trimmed(line[colon+1:])
	return name, value, token(name) && fieldText(value)
}

func trimmed(b []byte) []byte {
	for len(b) > 0 && blank(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && blank(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// same compares, letters of either case, with a text of lower case.
func same(b []byte, text string) bool {
	if len(b) != len(text) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != text[i] {
			return false
		}
	}
	return true
}

// decimal reads a number; one that is too long for any purpose is a very large one.
func decimal(b []byte) (n int, ok bool) {
	for _, c := range b {
		if !digit(c) {
			return 0, false
		}
		n = min(n*10+int(c-'0'), 1<<50)
	}
	return n, len(b) > 0
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// tokens are the bytes that names are made of (RFC 9110, section 5.6.2).
var tokens = func() (is [256]bool) {
	for c := range is {
		is[c] = c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' ||
			bytes.IndexByte([]byte("!#$%&'*+-.^_`|~"), byte(c)) >= 0
	}
	return is
}()

func token(b []byte) bool {
	for _, c := range b {
		if !tokens[c] {
			return false
		}
	}
	return len(b) > 0
}

// visible reports whether b is of the letters and signs that a target may have.
func visible(b []byte) bool {
	for _, c := range b {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

// fieldText reports whether b is without what no value may have: controls other than a tab.
func fieldText(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
