package wire

// memcacheAnswers reads answers of the text protocol of memcached: values up to END, of which
// there may be none, or one line. The payload is that of the values.
type memcacheAnswers struct{}

func (memcacheAnswers) Read(b []byte, a *Answer) (int, []byte, error) {
	switch a.phase {
	case inBody:
		return a.body(b, atEnd)
	case atEnd:
		n, _, err := a.crlf(b, atHead)
		return n, nil, err
	}
	end, err := replyLine(b)
	if end == 0 {
		return 0, nil, err
	}
	said, rest := word(b[:end-1])
	switch string(said) {
	case "VALUE":
		size, ok := valueSize(rest)
		if !ok {
			return 0, nil, ErrMalformed
		}
		a.parts++
		a.left, a.phase = size, inBody
		if size == 0 {
			a.phase = atEnd
		}
		return end + 1, nil, nil
	case "END":
		a.Missing = a.parts == 0
	case "ERROR", "CLIENT_ERROR", "SERVER_ERROR":
		a.Failed = true
	case "NOT_FOUND":
		a.Missing = true
		fallthrough
	default:
		if a.parts > 0 || !isOutcome(said) {
			return 0, nil, ErrMalformed
		}
	}
	a.Done = true
	return end + 1, nil, nil
}

// valueSize is the length of a value by its line: a key, flags, the length, and of gets a number.
func valueSize(rest []byte) (n int, ok bool) {
	key, rest := word(rest)
	flags, rest := word(rest)
	size, rest := word(rest)
	number, more := word(rest)
	_, isFlags := decimal(flags)
	_, isNumber := decimal(number)
	n, ok = decimal(size)
	return n, ok && isKey(key) && isFlags && (isNumber || len(number) == 0) && len(more) == 0
}

// isOutcome reports whether a line that begins with a word is what a command has come to; incr
// and decr have a number.
func isOutcome(word []byte) bool {
	switch string(word) {
	case "STORED", "NOT_STORED", "EXISTS", "NOT_FOUND", "DELETED", "TOUCHED", "OK", "RESET", "VERSION":
		return true
	}
	_, number := decimal(word)
	return number
}

func (memcacheAnswers) End(*Answer) bool { return false }
