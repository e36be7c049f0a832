package wire

import "bytes"

// respAnswers reads replies of RESP2: simple strings, errors, integers, bulk strings, and arrays
// of these. The payload is that of its bulk strings.
type respAnswers struct{}

// mostReplyLine is the longest line of a reply, in bytes.
const mostReplyLine = 64 << 10

// replyLine is where the newline of the line is that an answer begins with; 0 where that has not come,
// or the error of a line that is none.
func replyLine(b []byte) (end int, err error) {
	switch end = bytes.IndexByte(b, '\n'); {
	case end < 0 && len(b) <= mostReplyLine:
		return 0, nil
	case end < 2 || b[end-1] != '\r':
		return 0, ErrMalformed
	}
	return end, nil
}

func (respAnswers) Read(b []byte, a *Answer) (int, []byte, error) {
	switch a.phase {
	case inBody:
		return a.body(b, atEnd)
	case atEnd:
		n, _, err := a.crlf(b, atHead)
		if n > 0 {
			a.element()
		}
		return n, nil, err
	}
	end, err := replyLine(b)
	if end == 0 {
		return 0, nil, err
	}
	switch b[0] {
	case '+':
	case '-':
		a.Failed = true
	case ':':
		if _, ok := decimal(bytes.TrimPrefix(b[1:end-1], []byte{'-'})); !ok {
			return 0, nil, ErrMalformed
		}
	case '$', '*':
		n, _, err := number(b, b[0], ErrMalformed, ErrMalformed)
		switch {
		case err != nil:
			return 0, nil, err
		case n < 0:
			a.Missing = true
		case b[0] == '*':
			a.parts += n
		default:
			a.left, a.phase = n, inBody
			if n == 0 {
				a.phase = atEnd
			}
			return end + 1, nil, nil
		}
	default:
		return 0, nil, ErrMalformed
	}
	a.element()
	return end + 1, nil, nil
}

// element notes that one has ended.
func (a *Answer) element() {
	a.Done = a.parts == 0
	a.parts--
}

func (respAnswers) End(*Answer) bool { return false }
