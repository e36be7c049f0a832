// Package message is what a load's requests look like on the wire, and what their answers have to
// be. Every request that carries a payload differs, and every byte that comes back is checked, but
// for what only the server knows: texts of its own, and the fields of HTTP that say nothing of length,
// status or connection.
//
//   - [Request] says what is asked for, and is validated.
//   - [Layout] gives the bytes of each request, and knows those of its answer, or reads it.
//   - [Layouts] are those of requests whose payloads differ in length, as a [Mix] has them.
package message

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"

	"connbench/models/wire"
)

const (
	sequenceSize = 8
	// clientStride tells the payloads of neighbouring clients apart, so that an
	// answer that went to the wrong client does not pass. A prime.
	clientStride  = 31
	clientOffsets = 509 // how many different payloads there are; a prime
)

// Layout is what requests look like, and with them the answers. A message is what its protocol
// puts before a payload, the payload, and what comes after that. A payload begins with the field
// for the size of the answer if there is one, and the request's sequence number, cut to the
// payload's length; the rest is pseudo-random bytes that depend on the client. No message is ever
// held in memory as a whole: it is a function of client, sequence number and offset.
type Layout struct {
	before, after []byte // of a request: what is always the same
	field         []byte // of the payload's
	payload       int    // length, with the field; 0 for a request without one
	text          bool   // the payload is of letters and digits
	keys          int    // how many there are, of which each request has one; 0 for none
	keyAt         int    // where in before
	seed          uint64

	answerBefore, answerAfter []byte // as before and after
	response                  int    // the length of the answer's payload: the request's over and over
	reads                     reading

	pool []byte // the bodies of all clients, overlapping
}

// reading is how answers are read that are not known to the last byte.
type reading struct {
	reader   wire.Reader // nil where they are
	echo     bool        // the payload is the request's
	fill     bool        // it is that of [wire.AppendFill]
	sized    bool        // its length is known, the layout's response
	fillText []byte      // response bytes
}

// Reader reads the answers that are not known to the last byte; nil where they are.
func (l *Layout) Reader() wire.Reader { return l.reads.reader }

// letters are those of a payload that is text: as many as six bits tell apart.
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// New is the layout of valid requests.
func New(r *Request) *Layout { return NewMix(r, nil).all[0] }

// fill gives layouts that differ in length alone the bytes of their payloads: those of the longest
// are those of the others too.
func fill(seed uint64, layouts []*Layout) {
	longest := 0
	for _, l := range layouts {
		longest = max(longest, l.bodySize())
	}
	pool := make([]byte, longest+clientStride*clientOffsets)
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	rand.NewChaCha8(key).Read(pool)
	if layouts[0].text {
		for i, b := range pool {
			pool[i] = letters[b%64]
		}
	}
	for _, l := range layouts {
		l.pool = pool
		if l.reads.fill {
			l.reads.fillText = wire.AppendFill(nil, l.response)
		}
	}
}

// Size is the length of a request in bytes.
func (l *Layout) Size() int { return len(l.before) + l.payload + len(l.after) }

// Size is the length of such a request in bytes.
func Size(r *Request) int { return shape(r).Size() }

// AnswerSize is how long an answer is, or, of those that are read, the least that it is.
func (l *Layout) AnswerSize() int {
	return max(1, len(l.answerBefore)+l.response+len(l.answerAfter))
}

func (l *Layout) sequence() int { return min(sequenceSize, l.payload-len(l.field)) }

// head is the length of a request's part that is not its body, nor what comes after.
func (l *Layout) head() int { return len(l.before) + len(l.field) + l.sequence() }

func (l *Layout) bodySize() int { return l.payload - len(l.field) - l.sequence() }

func (l *Layout) body(client int) []byte {
	at := client % clientOffsets * clientStride
	return l.pool[at : at+l.bodySize()]
}

func (l *Layout) putSequence(dst *[sequenceSize]byte, seq uint64) []byte {
	if l.text {
		for i := range dst {
			dst[i] = letters[seq>>(6*i)&63]
		}
	} else {
		binary.LittleEndian.PutUint64(dst[:], seq)
	}
	return dst[:l.sequence()]
}

// keyDigits is how long a key's number is, with zeros before it, as that of redis-benchmark.
const keyDigits = 12

func putDigits(dst []byte, key uint64) {
	for i := keyDigits - 1; i >= 0; i-- {
		dst[i] = byte('0' + key%10)
		key /= 10
	}
}

// mix is a round of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
// generators", 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// From returns message bytes from offset on, at least one and as many as it can
// give without much copying; only up to the end of the head's chunk are they
// put together in scratch, which has room for the head.
func (l *Layout) From(scratch []byte, client int, seq uint64, offset int) []byte {
	body, head := l.body(client), l.head()
	if offset >= head+len(body) {
		return l.after[offset-head-len(body):]
	}
	if offset >= head {
		return body[offset-head:]
	}
	var number [sequenceSize]byte
	n := copy(scratch, l.before)
	if l.keys > 0 {
		putDigits(scratch[l.keyAt:], mix(l.seed^uint64(client)<<32^seq)%uint64(l.keys))
	}
	n += copy(scratch[n:], l.field)
	n += copy(scratch[n:], l.putSequence(&number, seq))
	copied := copy(scratch[n:], body)
	if n += copied; copied == len(body) {
		n += copy(scratch[n:], l.after)
	}
	return scratch[offset:n]
}

// Request is the first request of the first client.
func (l *Layout) Request() []byte {
	request, scratch := make([]byte, 0, l.Size()), make([]byte, l.Size())
	for len(request) < l.Size() {
		request = append(request, l.From(scratch, 0, 0, len(request))...)
	}
	return request
}

// Matches reports whether p is what the answer to the message has at offset.
func (l *Layout) Matches(p []byte, client int, seq uint64, offset int) bool {
	if n := len(l.answerBefore) - offset; n > 0 {
		n = min(n, len(p))
		if !bytes.Equal(p[:n], l.answerBefore[offset:offset+n]) {
			return false
		}
		p, offset = p[n:], offset+n
	}
	if n := min(len(l.answerBefore)+l.response-offset, len(p)); n > 0 {
		if !l.echoes(p[:n], client, seq, offset-len(l.answerBefore)) {
			return false
		}
		p, offset = p[n:], offset+n
	}
	if len(p) == 0 {
		return true
	}
	after := l.answerAfter[offset-len(l.answerBefore)-l.response:]
	return len(p) <= len(after) && bytes.Equal(p, after[:len(p)])
}

// echoes reports whether p is what the message's payload, over and over, has at offset.
func (l *Layout) echoes(p []byte, client int, seq uint64, offset int) bool {
	if l.payload == 0 {
		return len(p) == 0
	}
	for len(p) > 0 {
		var number [sequenceSize]byte
		want := l.segment(&number, client, seq, offset%l.payload)
		n := min(len(want), len(p))
		if !bytes.Equal(p[:n], want[:n]) {
			return false
		}
		p, offset = p[n:], offset+n
	}
	return true
}

// segment is the payload from offset to the end of the field, of the number, which is put together
// in dst, or of the body.
func (l *Layout) segment(dst *[sequenceSize]byte, client int, seq uint64, offset int) []byte {
	if offset < len(l.field) {
		return l.field[offset:]
	}
	offset -= len(l.field)
	if offset < l.sequence() {
		return l.putSequence(dst, seq)[offset:]
	}
	return l.body(client)[offset-l.sequence():]
}

// SequenceOf reads the sequence number of a datagram that answers one of the
// latest requests, next being the number of the request to come: of a number cut
// short, the highest below next that ends in the bytes that are there.
func (l *Layout) SequenceOf(datagram []byte, next uint64) (uint64, bool) {
	if len(datagram) != l.Size() {
		return 0, false
	}
	var number [sequenceSize]byte
	copy(number[:], datagram[:l.head()]) // a datagram has nothing before it
	seq := binary.LittleEndian.Uint64(number[:])
	if n := l.sequence(); n < sequenceSize {
		mask := uint64(1)<<(8*n) - 1
		seq = next - 1 - (next-1-seq)&mask
	}
	return seq, seq < next
}

// Verify reports whether p can be the part of an answer's payload that was read last. What an error
// says is its own.
func (l *Layout) Verify(p []byte, a *wire.Answer, client int, seq uint64) bool {
	if len(p) == 0 || a.Failed || a.Status >= 300 {
		return true
	}
	at := a.Length - len(p)
	switch r := &l.reads; {
	case r.sized && a.Length > l.response:
		return false
	case r.echo:
		return l.echoes(p, client, seq, at)
	case r.fill:
		return bytes.Equal(p, r.fillText[at:a.Length])
	}
	return true
}

// Whole reports whether an answer that has ended is as long as it has to be. That there is no such
// value is an answer too.
func (l *Layout) Whole(a *wire.Answer) bool {
	return !l.reads.sized || a.Length == l.response || a.Missing
}
