package wire

import "bytes"

// respAnswers reads replies of RESP2: simple strings, errors, integers, bulk strings, and arrays
// of these. The payload is that of its bulk strings.
type respAnswers struct{}

// mostReplyLine is the longest line of a reply, in bytes.
const mostReplyLine = 64 << 10

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
	end := bytes.IndexByte(b, '\n')
	switch {
	case end < 0 && len(b) > mostReplyLine:
		return 0, nil, ErrMalformed
	case end < 0:
		return 0, nil, nil
	case end < 2 || b[end-1] != '\r':
		return 0, nil, ErrMalformed
	}
	switch b[0] {
	case '+':
	case '-':
		a.Failed = true
	case ':':
		if _, _, err := number(b, ':', ErrMalformed, ErrMalformed); err != nil {
			return 0, nil, err
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
