package message

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"connbench/models/wire"
)

// Request is what a load asks for.
type Request struct {
	Network, Address string
	Framing          string // a codec of package wire

	Line    string   // of http: method and path; "" for GET /
	Headers []string // of http: each "NAME: VALUE"
	Command string   // of resp or memcache, in words; "" for ECHO {payload} or set key:{n} {payload}
	Keys    int      // from which {n} of those is drawn; 0 for 10,000

	PayloadBytes  int // where the request carries it
	ResponseBytes int // 0 for as many, or, of what the server has, for any number
	FillBytes     int // of the value that [Request.Fill] puts under each key; 0 where it does not

	Seed uint64 // of payloads and keys
}

// Error is something that cannot be run: what, what it was and what it may be.
type Error struct {
	Field   string // as on the command line
	Value   any
	Allowed string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: %v is not allowed (%s)", e.Field, cmp.Or(fmt.Sprint(e.Value), `""`), e.Allowed)
}

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

const (
	defaultKeys = 10_000
	maxKeys     = 1e12 // as many as a key's digits tell apart
	maxFilled   = 1e7  // keys that are put before a load
)

// Validate reports what of a request cannot be sent in its protocol.
func (r *Request) Validate() *Error {
	if r.Framing != wire.HTTPCodec {
		if r.Line != "" {
			return &Error{"request", r.Line, "only with http framing"}
		}
		if len(r.Headers) > 0 {
			return &Error{"header", r.Headers[0], "only with http framing"}
		}
	} else if err := r.validateHTTP(); err != nil {
		return err
	}
	if !r.commands() {
		if r.Command != "" {
			return &Error{"command", r.Command, "only with resp or memcache framing"}
		}
	} else if err := r.validateCommand(); err != nil {
		return err
	}
	if r.Keys < 0 || r.Keys > maxKeys {
		return &Error{"keys", r.Keys, "1 to 1e12"}
	}
	switch {
	case r.FillBytes != 0 && !r.Gets():
		return &Error{"fill", r.FillBytes, "only with a get of one key with {n}, like 'GET key:{n}' with resp or 'get key:{n}' with memcache framing"}
	case r.FillBytes != 0 && r.Keys > maxFilled:
		return &Error{"keys", r.Keys, "1 to 1e7 where each is put before the load"}
	}
	return nil
}

func (r *Request) validateHTTP() *Error {
	method, target := r.requestLine()
	parsed, err := url.ParseRequestURI(target)
	if !slices.Contains(methods, method) || err != nil || parsed.Host != "" || strings.ContainsAny(target, " \t\r\n") || strings.Count(target, keyMark) > 1 {
		return &Error{"request", r.Line, "a method and a path, like 'GET /' or 'POST /echo', the method one of " + strings.Join(methods, ", ") + ", with at most one " + keyMark}
	}
	for _, h := range r.Headers {
		name, value, _ := strings.Cut(h, ":")
		if !wire.Field([]byte(h)) || strings.Contains(value, payloadMark) || strings.Contains(value, keyMark) {
			return &Error{"header", h, "'NAME: VALUE'"}
		}
		for _, own := range []string{"content-length", "transfer-encoding", "expect"} {
			if strings.EqualFold(name, own) {
				return &Error{"header", h, "one that does not tell of the body, which --payload does"}
			}
		}
	}
	return nil
}

func (r *Request) validateCommand() *Error {
	command := r.command()
	if r.Framing == wire.MemcacheCodec {
		if !validMemcache(command) {
			return &Error{"command", r.Command, "words like 'set key:{n} {payload}', with flags and expiry before the {payload} or without, or 'get key:{n}'; at most one {n}, and no noreply"}
		}
		return nil
	}
	payload, key := strings.Index(command, payloadMark), strings.Index(command, keyMark)
	if strings.TrimSpace(command) == "" || strings.Count(command, payloadMark) > 1 || strings.Count(command, keyMark) > 1 || payload >= 0 && key > payload {
		return &Error{"command", r.Command, "words like 'SET key:{n} {payload}', with at most one {n} and, after it, one {payload}"}
	}
	return nil
}
