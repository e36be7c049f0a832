package wire

// Answer is how far the reading of an answer has come. A client gives it what arrives, and
// verifies what of that is payload. Its zero value is before an answer's first byte.
type Answer struct {
	Status  int  // of http; 0 before it has come, and in other protocols
	Length  int  // of the payload that has come, in bytes
	Missing bool // resp and memcache: there is no such value
	Failed  bool // resp and memcache: an error is the answer
	Close   bool // the server ends the connection after it
	Done    bool // it has ended

	left  int // bytes of the body, or of the chunk
	parts int // of resp, elements that are to come; of memcache, values that have
	phase phase
}

// phase is what comes next of an answer.
type phase uint8

const (
	atHead     phase = iota
	inBody           // of a length that is known
	atEnd            // CR LF behind a bulk string or a value
	atChunk          // the line before a chunk
	inChunk          //
	atChunkEnd       // CR LF behind it
	atTrailers       //
	toTheEnd         // of the connection
)

// Reader reads answers of a protocol whose answers are not the same whatever serves. Its methods
// may be called by many goroutines at once.
type Reader interface {
	// Read takes what it can of an answer from b, n bytes, of which payload is the
	// answer's payload that follows what came before. Where n is 0, b ends inside a part that it
	// needs as a whole: it is to be given those bytes again, and more. The error is [ErrMalformed]
	// for what is no answer. The answer is over when a.Done is set.
	Read(b []byte, a *Answer) (n int, payload []byte, err error)
	// End reports whether an answer is whole where the connection has ended.
	End(a *Answer) bool
}

// Answers is the reader of a codec's answers; nil for one whose answers are known to the last byte.
// Without a body are those to requests for the head alone.
func Answers(name string, bodyless bool) Reader {
	switch name {
	case RESPCodec:
		return respAnswers{}
	case MemcacheCodec:
		return memcacheAnswers{}
	case HTTPCodec:
		return webAnswers{bodyless}
	}
	return nil
}

// body takes from b what is left of a body, or of a part of it, and goes on with next where that
// is all.
func (a *Answer) body(b []byte, next phase) (int, []byte, error) {
	n := min(a.left, len(b))
	a.left -= n
	a.Length += n
	if a.left == 0 {
		a.phase = next
	}
	return n, b[:n], nil
}

func (a *Answer) crlf(b []byte, next phase) (int, []byte, error) {
	switch {
	case b[0] != '\r' || len(b) > 1 && b[1] != '\n':
		return 0, nil, ErrMalformed
	case len(b) < 2:
		return 0, nil, nil
	}
	a.phase = next
	return 2, nil, nil
}
