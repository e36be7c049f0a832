// Package wire is the protocols that servers and clients speak over a stream. Each is a
// [Codec], in a file of its own and with a line in codecs:
//
//   - length, a prefix of 4 bytes before each payload;
//   - raw, none: bytes go back as they come;
//   - line, which a newline ends;
//   - resp, version 2 of the protocol of Redis;
//   - memcache, the text protocol of memcached;
//   - http, version 1.1 of HTTP.
//
// [Splitter] cuts what arrives of a stream into requests, for servers. [Answer] reads what a
// server answers, for clients.
//
// End of stream between two requests is a clean end; inside one it is a truncated request.
package wire

import (
	"errors"
	"fmt"
)

// Codec is a protocol's side of the server: where a request ends, and what it is answered
// with. Its methods may be called by many goroutines at once. To a Codec every byte is
// hostile.
type Codec interface {
	// Next looks for the end of the request that b, which is not empty, begins with. It
	// returns the request's length, or, where the end is not in b, a number above len(b): with
	// so many bytes another look is worth it, though fewer may complete the request. What it
	// has found out it keeps in p, whose zero value is for a request's first look, and it is
	// given the same bytes again then, and more. An error ends the stream: it is or wraps
	// [ErrMalformed] or [ErrTooLong].
	Next(b []byte, p *Progress) (int, error)
	// Reply appends to dst the reply to a whole request. A request that asks for more than it
	// has brought takes that from left. An error ends the stream after what was appended:
	// one of Next's, or [ErrClose].
	Reply(dst, request []byte, left *Budget) ([]byte, error)
	// Notice appends what the protocol has to say beside replies, which may be nothing: of
	// the error that ends the stream, or, of [ErrContinue], that a body may come.
	Notice(dst []byte, why error) []byte
}

// Progress is how far the look at a request has come.
type Progress struct {
	want int32 // the length that the Splitter looks again with
	at   int32 // how much a codec has behind it
	body int32 // of the payload, what it knows
	more bool  // whose body comes in chunks
	// Made says of a whole request that its reply is not the same bytes.
	Made bool
	// Waits says that the client waits for a word before it sends the body.
	Waits bool
}

// Why a stream ends, and what is no end.
var (
	// ErrMalformed marks what the protocol does not allow.
	ErrMalformed = errors.New("malformed request")
	// ErrTooLong marks a request that is longer, or asks for more, than the maximum.
	ErrTooLong = errors.New("longer than the maximum")
	// ErrClose ends a stream because the request wants it so.
	ErrClose = errors.New("closed as the request asks")
	// ErrContinue is for [Codec.Notice].
	ErrContinue = errors.New("a body may come")
)

// refusal is the end of a stream for which the protocol has words.
type refusal struct {
	text string
	kind error
}

func (e *refusal) Error() string { return e.text }

func (e *refusal) Unwrap() error { return e.kind }

func tooLong(n, max int) error {
	return fmt.Errorf("%w: %d bytes announced or asked for, %d allowed", ErrTooLong, n, max)
}

// DefaultMaxPayload is the longest payload accepted where nobody says otherwise.
const DefaultMaxPayload = 1 << 20

// Options are what a Codec is told.
type Options struct {
	MaxPayload int // of a request, in bytes, up to 1 GiB
	Response   int // of http: the length of what is at /, in bytes
}

const (
	LengthCodec   = "length"
	RawCodec      = "raw"
	LineCodec     = "line"
	RESPCodec     = "resp"
	MemcacheCodec = "memcache"
	HTTPCodec     = "http"
)

var codecs = []struct {
	name string
	open func(Options) Codec
}{
	{LengthCodec, func(o Options) Codec { return &length{o.MaxPayload} }},
	{RawCodec, func(Options) Codec { return raw{} }},
	{LineCodec, func(o Options) Codec { return &line{o.MaxPayload} }},
	{RESPCodec, openRESP},
	{MemcacheCodec, openMemcache},
	{HTTPCodec, openHTTP},
}

// Names lists the codecs.
func Names() []string {
	names := make([]string, len(codecs))
	for i, c := range codecs {
		names[i] = c.name
	}
	return names
}

// Open is a server's codec of that name, or nil. What requests store in it is the server's own.
func Open(name string, o Options) Codec {
	for _, c := range codecs {
		if c.name == name {
			return c.open(o)
		}
	}
	return nil
}

// MostReply is the longest reply, in bytes of payload, that each of requests which arrive
// together may ask for where a request holds up to max bytes: their replies together may be as
// long as the payload of one.
func MostReply(requests, max int) int { return max / requests }

// Budget is what is left of that to the replies to come, in bytes.
type Budget int

// take takes n bytes, or says why they cannot be had.
func (b *Budget) take(n int) error {
	if n > int(*b) {
		return tooLong(n, int(*b))
	}
	*b -= Budget(n)
	return nil
}

// AppendFill appends n bytes of a text that is always the same: what a reply has that is not of the request.
func AppendFill(dst []byte, n int) []byte {
	const text = "connbench measures servers. "
	for n > 0 {
		part := text[:min(n, len(text))]
		dst = append(dst, part...)
		n -= len(part)
	}
	return dst
}
