package wire

import "bytes"

// webAnswers reads responses of HTTP/1.1 (RFC 9112, section 6.3, says how long they are).
type webAnswers struct {
	bodyless bool // to HEAD
}

// mostAnswerHead is the longest head of a response, in bytes.
const mostAnswerHead = 64 << 10

func (w webAnswers) Read(b []byte, a *Answer) (int, []byte, error) {
	switch a.phase {
	case inBody:
		n, payload, err := a.body(b, atHead)
		a.Done = a.left == 0
		return n, payload, err
	case inChunk:
		return a.body(b, atChunkEnd)
	case atChunkEnd:
		return a.crlf(b, atChunk)
	case toTheEnd:
		a.Length += len(b)
		return len(b), b, nil
	case atChunk:
		size, data, err := chunkLine(b)
		switch {
		case err != nil:
			return 0, nil, ErrMalformed
		case data > 0 && size == 0:
			a.phase = atTrailers
		case data > 0:
			a.left, a.phase = size, inChunk
		}
		return data, nil, nil
	case atTrailers:
		end, err := trailersEnd(b, 0)
		if err != nil {
			return 0, nil, ErrMalformed
		}
		if end > len(b) {
			return 0, nil, nil
		}
		a.Done = true
		return end, nil, nil
	}
	return w.head(b, a)
}

func (w webAnswers) head(b []byte, a *Answer) (int, []byte, error) {
	end := bytes.Index(b, []byte("\r\n\r\n"))
	switch {
	case end < 0 && len(b) > mostAnswerHead || !bytes.HasPrefix(b, []byte("HTTP/1.")[:min(len(b), 7)]):
		return 0, nil, ErrMalformed
	case end < 0:
		return 0, nil, nil
	}
	rest := b[:end+2]
	status, old, ok := statusLine(rest)
	if !ok {
		return 0, nil, ErrMalformed
	}
	h := head{length: -1}
	for rest = rest[bytes.IndexByte(rest, '\n')+1:]; len(rest) > 0; {
		i := bytes.IndexByte(rest, '\n')
		if i < 1 || rest[i-1] != '\r' {
			return 0, nil, ErrMalformed
		}
		name, value, ok := field(rest[:i-1])
		if !ok || matters(name) && h.field(name, value) != nil {
			return 0, nil, ErrMalformed
		}
		rest = rest[i+1:]
	}
	if status >= 100 && status < 200 {
		if status == 101 {
			return 0, nil, ErrMalformed // nobody has asked for another protocol
		}
		return end + 4, nil, nil // the answer is still to come
	}
	a.Status, a.Close = status, h.close || old && !h.stays
	switch {
	case h.chunked && h.length >= 0:
		return 0, nil, ErrMalformed
	case w.bodyless || status == 204 || status == 304 || h.length == 0:
		a.Done = true
	case h.chunked:
		a.phase = atChunk
	case h.length > 0:
		a.left, a.phase = h.length, inBody
	default:
		a.phase, a.Close = toTheEnd, true
	}
	return end + 4, nil, nil
}

func statusLine(b []byte) (status int, old, ok bool) {
	if len(b) < 14 || b[8] != ' ' || b[7] != '0' && b[7] != '1' {
		return 0, false, false
	}
	status, ok = decimal(b[9:12])
	return status, b[7] == '0', ok && status >= 100 && status < 600 && (b[12] == ' ' || b[12] == '\r')
}

// matters reports whether a response's field of that name tells of its length or its connection.
func matters(name []byte) bool {
	return same(name, "content-length") || same(name, "transfer-encoding") || same(name, "connection")
}

func (webAnswers) End(a *Answer) bool { return a.phase == toTheEnd }
