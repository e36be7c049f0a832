package wire

import (
	"bytes"
	"errors"
	"strconv"
)

// resp is version 2 of the protocol of Redis: arrays of bulk strings, and inline commands, answered
// with what PING, ECHO, GET, SET, DEL and those say that usual clients begin with.
type resp struct {
	max   int // of a bulk string
	store store
}

const (
	mostArguments = 1024
	mostInline    = 64 << 10 // as in Redis
	// mostCommand is how much longer all arguments of a command may be than the longest of them.
	mostCommand = 64 << 10
	// mostNumber is the longest line that tells of a number.
	mostNumber = 16
)

func openRESP(o Options) Codec {
	r := &resp{max: o.MaxPayload}
	r.store.open()
	return r
}

var (
	badArray   = &refusal{"Protocol error: invalid multibulk length", ErrMalformed}
	badBulk    = &refusal{"Protocol error: invalid bulk length", ErrMalformed}
	noBulk     = &refusal{"Protocol error: expected '$'", ErrMalformed}
	badInline  = &refusal{"Protocol error: unbalanced quotes in request", ErrMalformed}
	longInline = &refusal{"Protocol error: too big inline request", ErrTooLong}
	longBulk   = &refusal{"Protocol error: invalid bulk length", ErrTooLong}
	longArray  = &refusal{"Protocol error: invalid multibulk length", ErrTooLong}
	tooMany    = &refusal{"replies to what has come together are longer than the maximum", ErrTooLong}
)

func (r *resp) Next(b []byte, p *Progress) (int, error) {
	p.Made = true
	if b[0] != '*' {
		return r.inline(b, p)
	}
	if p.at == 0 {
		n, at, err := number(b, '*', badArray, badArray)
		if err != nil || at == 0 {
			return len(b) + mostNumber, err
		}
		if n > mostArguments {
			return 0, longArray
		}
		p.at, p.body = int32(at), int32(max(0, n)) // the arguments to come
	}
	for ; p.body > 0; p.body-- {
		at := int(p.at)
		n, data, err := number(b[at:], '$', badBulk, noBulk)
		switch {
		case err != nil || data == 0:
			return len(b) + mostNumber, err
		case n < 0:
			return 0, badBulk
		case n > r.max || at+n > r.max+mostCommand:
			return 0, longBulk
		}
		end := at + data + n + 2
		if end > len(b) {
			return end, nil
		}
		if b[end-2] != '\r' || b[end-1] != '\n' {
			return 0, badBulk
		}
		p.at = int32(end)
	}
	return int(p.at), nil
}

// number reads the line that b begins with: a sign, of which another is wrong, and a number. at is
// where what follows it begins, 0 where the line has not ended.
func number(b []byte, sign byte, bad, wrong error) (n, at int, err error) {
	if len(b) == 0 {
		return 0, 0, nil
	}
	if b[0] != sign {
		return 0, 0, wrong
	}
	end := bytes.IndexByte(b, '\n')
	if end < 0 && len(b) <= mostNumber {
		return 0, 0, nil
	}
	if end < 3 || end > mostNumber || b[end-1] != '\r' {
		return 0, 0, bad
	}
	digits := b[1 : end-1]
	negative := digits[0] == '-'
	if negative {
		digits = digits[1:]
	}
	n, ok := decimal(digits)
	if !ok || digits[0] == '0' && (len(digits) > 1 || negative) {
		return 0, 0, bad
	}
	if negative {
		n = -n
	}
	return n, end + 1, nil
}

// inline is a command in a line, in words; a newline is its end.
func (r *resp) inline(b []byte, p *Progress) (int, error) {
	i := bytes.IndexByte(b[p.at:], '\n')
	end := int(p.at) + i
	if i < 0 {
		end = len(b)
	}
	switch {
	case end > mostInline:
		return 0, longInline
	case i < 0:
		p.at = int32(end)
		return end + lineStep, nil
	case bytes.IndexByte(b[:end], '"') >= 0 || bytes.IndexByte(b[:end], '\'') >= 0:
		return 0, badInline // which nobody needs here
	}
	return end + 1, nil
}

// mostWords is how many arguments a command is looked at.
const mostWords = 4

// words returns the arguments of a whole command, the first of them, and their number.
func words(request []byte, args *[mostWords][]byte) (n int) {
	note := func(arg []byte) {
		if n < mostWords {
			args[n] = arg
		}
		n++
	}
	if request[0] != '*' {
		for word := range bytes.FieldsFuncSeq(request, isSpace) {
			note(word)
		}
		return n
	}
	left, at, _ := number(request, '*', badArray, badArray)
	for ; left > 0; left-- {
		size, data, _ := number(request[at:], '$', badBulk, noBulk)
		at += data
		note(request[at : at+size])
		at += size + 2
	}
	return n
}

// isSpace is the white space of an inline command: that of ASCII, as in Redis.
func isSpace(c rune) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func (r *resp) Reply(dst, request []byte, left *Budget) ([]byte, error) {
	var args [mostWords][]byte
	n := words(request, &args)
	if n == 0 {
		return dst, nil // as Redis does
	}
	var name [8]byte
	for i, c := range args[0][:min(len(args[0]), len(name))] {
		if c >= 'a' && c <= 'z' {
			c -= 0x20
		}
		name[i] = c
	}
	command := name[:min(len(args[0]), len(name))]
	if len(args[0]) > len(name) {
		command = nil
	}
	switch string(command) {
	case "PING":
		switch n {
		case 1:
			return append(dst, "+PONG\r\n"...), nil
		case 2:
			return appendBulk(dst, args[1]), nil
		}
	case "ECHO":
		if n == 2 {
			return appendBulk(dst, args[1]), nil
		}
	case "SET":
		switch {
		case n > 3:
			return append(dst, "-ERR syntax error\r\n"...), nil
		case n == 3 && !r.store.set(args[1], nil, args[2]):
			return append(dst, "-OOM command not allowed when used memory > 'maxmemory'.\r\n"...), nil
		case n == 3:
			return append(dst, "+OK\r\n"...), nil
		}
	case "GET":
		if n == 2 {
			return r.get(dst, args[1], left)
		}
	case "DEL":
		if n == 2 {
			return appendNumber(dst, ':', r.store.remove(args[1])), nil
		}
	default:
		return r.greeting(dst, string(command), n, &args)
	}
	dst = append(dst, "-ERR wrong number of arguments for '"...)
	dst = append(dst, bytes.ToLower(command)...)
	return append(dst, "' command\r\n"...), nil
}

func (r *resp) get(dst, key []byte, left *Budget) ([]byte, error) {
	h := r.store.shard(key)
	h.RLock()
	defer h.RUnlock()
	v := h.values[string(key)]
	if v == nil {
		return append(dst, "$-1\r\n"...), nil
	}
	if left.take(len(v.bytes)) != nil {
		return dst, tooMany
	}
	return appendBulk(dst, v.bytes), nil
}

// greeting answers what usual clients begin and end with.
func (r *resp) greeting(dst []byte, command string, n int, args *[mostWords][]byte) ([]byte, error) {
	switch command {
	case "COMMAND":
		return append(dst, "*0\r\n"...), nil
	case "SELECT", "CLIENT":
		return append(dst, "+OK\r\n"...), nil
	case "CONFIG": // GET, of what redis-benchmark asks for
		dst = append(dst, "*2\r\n"...)
		return append(appendBulk(dst, args[min(n-1, mostWords-1)]), "$0\r\n\r\n"...), nil
	case "HELLO":
		if n > 1 && string(args[1]) != "2" {
			return append(dst, "-NOPROTO unsupported protocol version\r\n"...), nil
		}
		return append(dst, "*6\r\n$6\r\nserver\r\n$9\r\nconnbench\r\n$5\r\nproto\r\n:2\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n"...), nil
	case "QUIT":
		return append(dst, "+OK\r\n"...), ErrClose
	}
	dst = append(dst, "-ERR unknown command '"...)
	for _, c := range args[0][:min(len(args[0]), 128)] {
		if c < ' ' || c >= 0x7f {
			c = ' '
		}
		dst = append(dst, c)
	}
	return append(dst, "'\r\n"...), nil
}

func appendNumber(dst []byte, sign byte, n int) []byte {
	dst = strconv.AppendInt(append(dst, sign), int64(n), 10)
	return append(dst, "\r\n"...)
}

func appendBulk(dst, b []byte) []byte {
	dst = appendNumber(dst, '$', len(b))
	dst = append(dst, b...)
	return append(dst, "\r\n"...)
}

func (r *resp) Notice(dst []byte, why error) []byte {
	var refused *refusal
	if errors.As(why, &refused) {
		dst = append(dst, "-ERR "...)
		dst = append(dst, refused.text...)
		dst = append(dst, "\r\n"...)
	}
	return dst
}
