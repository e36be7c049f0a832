package message

import (
	"cmp"
	"fmt"
	"strings"

	"connbench/models/wire"
)

// shape is the layout of valid requests without the bytes of payloads.
func shape(r *Request) *Layout {
	l := &Layout{payload: r.PayloadBytes, response: r.PayloadBytes, seed: r.Seed}
	if r.Network == "udp" {
		return l
	}
	switch r.Framing {
	case wire.LengthCodec:
		l.lengthShape(r)
	case wire.LineCodec:
		l.text = true
		l.after = []byte{'\n'}
		l.answerAfter = l.after
	case wire.RESPCodec:
		l.respShape(r)
	case wire.MemcacheCodec:
		l.memcacheShape(r)
	case wire.HTTPCodec:
		l.httpShape(r)
	}
	return l
}

func (l *Layout) lengthShape(r *Request) {
	l.before, l.answerBefore = make([]byte, wire.HeaderSize), make([]byte, wire.HeaderSize)
	if r.ResponseBytes > 0 {
		l.response = r.ResponseBytes
		var head [wire.HeaderSize + wire.SizeField]byte
		wire.PutSizedHeader(head[:], l.payload, l.response)
		l.before, l.field = head[:wire.HeaderSize], head[wire.HeaderSize:]
	} else {
		wire.PutHeader(l.before, l.payload)
	}
	wire.PutHeader(l.answerBefore, l.response)
}

// What stands for a request's payload and for the number of its key.
const (
	payloadMark = "{payload}"
	keyMark     = "{n}"
)

func (l *Layout) respShape(r *Request) {
	words := strings.Fields(r.command())
	l.reads.reader = wire.Answers(r.Framing, false)
	l.reads.echo = r.asksEcho()
	l.reads.sized = l.reads.echo
	var text strings.Builder
	fmt.Fprintf(&text, "*%d\r\n", len(words))
	for _, word := range words {
		size := len(word)
		if strings.Contains(word, payloadMark) {
			size += r.PayloadBytes - len(payloadMark)
		}
		if strings.Contains(word, keyMark) {
			size += keyDigits - len(keyMark)
		}
		fmt.Fprintf(&text, "$%d\r\n%s\r\n", size, word)
	}
	l.parts(r, text.String())
	if !l.reads.echo {
		l.filled(r)
	}
}

// filled is what is known of answers that have no echo: the value, if [Request.Fill] has put it.
func (l *Layout) filled(r *Request) {
	l.response = r.FillBytes
	l.reads.sized, l.reads.fill = r.FillBytes > 0, r.FillBytes > 0
}

func (r *Request) asksEcho() bool {
	switch r.Framing {
	case wire.RESPCodec:
		words := strings.Fields(r.command())
		return len(words) == 2 && words[1] == payloadMark && (strings.EqualFold(words[0], "echo") || strings.EqualFold(words[0], "ping"))
	case wire.HTTPCodec:
		method, target := r.requestLine()
		return hasBody(method) && target == "/echo"
	}
	return r.ResponseBytes == 0
}

// Fills reports whether an answer is the text of a length that a server of ours is told.
func (r *Request) Fills() bool {
	method, target := r.requestLine()
	return r.Framing == wire.HTTPCodec && r.Network != "udp" && method != "HEAD" && target == "/"
}

// parts takes a request apart at the marks in its text.
func (l *Layout) parts(r *Request, text string) {
	before, after, carries := strings.Cut(text, payloadMark)
	if !carries {
		l.payload = 0
	}
	if at := strings.Index(before, keyMark); at >= 0 {
		l.keys, l.keyAt = r.KeySpace(), at
		before = before[:at] + strings.Repeat("0", keyDigits) + before[at+len(keyMark):]
	}
	l.before, l.after = []byte(before), []byte(after)
}

// KeySpace is how many keys there are to draw from.
func (r *Request) KeySpace() int { return cmp.Or(r.Keys, defaultKeys) }

func (l *Layout) httpShape(r *Request) {
	method, target := r.requestLine()
	l.reads.reader = wire.Answers(r.Framing, method == "HEAD")
	l.reads.echo = r.asksEcho()
	l.response = r.ResponseBytes
	switch {
	case method == "HEAD":
		l.response = 0
	case l.reads.echo:
		l.response, l.reads.sized = r.PayloadBytes, true
	case r.ResponseBytes > 0:
		l.reads.sized, l.reads.fill = true, r.Fills()
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s HTTP/1.1\r\n", method, target)
	if !r.hasHeader("host") {
		fmt.Fprintf(&text, "Host: %s\r\n", r.host())
	}
	for _, h := range r.Headers {
		name, value, _ := strings.Cut(h, ":")
		fmt.Fprintf(&text, "%s: %s\r\n", name, strings.TrimSpace(value))
	}
	if hasBody(method) {
		fmt.Fprintf(&text, "Content-Length: %d\r\n\r\n%s", r.PayloadBytes, payloadMark)
	} else {
		text.WriteString("\r\n")
	}
	l.parts(r, text.String())
}

func (r *Request) host() string {
	if r.Network == "unix" {
		return "localhost"
	}
	return r.Address
}

func (r *Request) hasHeader(name string) bool {
	for _, h := range r.Headers {
		if has, _, _ := strings.Cut(h, ":"); strings.EqualFold(has, name) {
			return true
		}
	}
	return false
}

func (r *Request) requestLine() (method, target string) {
	method, target, _ = strings.Cut(r.line(), " ")
	return method, target
}

// line is the HTTP request, and command that of RESP or of memcached, where nobody says otherwise.
func (r *Request) line() string { return cmp.Or(r.Line, "GET /") }

func (r *Request) command() string {
	if r.Framing == wire.MemcacheCodec {
		return cmp.Or(r.Command, "set key:"+keyMark+" "+payloadMark)
	}
	return cmp.Or(r.Command, "ECHO "+payloadMark)
}

func (r *Request) commands() bool {
	return r.Framing == wire.RESPCodec || r.Framing == wire.MemcacheCodec
}

// Asks is what a request asks for, in protocols that have more than one; "" in others.
func (r *Request) Asks() string {
	switch {
	case r.Network == "udp":
		return ""
	case r.Framing == wire.HTTPCodec:
		return r.line()
	case r.commands():
		return r.command()
	}
	return ""
}

func hasBody(method string) bool { return method == "POST" || method == "PUT" || method == "PATCH" }

// Carries reports whether requests have the payload in them. Those that do not are answered with
// what the server has.
func (r *Request) Carries() bool {
	switch {
	case r.Network == "udp":
		return true
	case r.commands():
		return strings.Contains(r.command(), payloadMark)
	case r.Framing == wire.HTTPCodec:
		method, _ := r.requestLine()
		return hasBody(method)
	}
	return true
}
