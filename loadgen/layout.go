package loadgen

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"

	"connbench/models/wire"
)

const (
	sequenceSize = 8
	headSize     = wire.HeaderSize + wire.SizeField + sequenceSize
	// clientStride tells the payloads of neighbouring clients apart, so that an
	// answer that went to the wrong client does not pass. A prime.
	clientStride  = 31
	clientOffsets = 509 // how many different payloads there are; a prime
)

// layout is what requests look like, and with them the answers. A message is a
// head, the frame's header, the field for the size of the answer if that is
// another, and the request's sequence number, little-endian and cut to the
// payload's length, and a body of pseudo-random bytes that depends on the client.
// No message is ever held in memory as a whole: it is a function of client,
// sequence number and offset.
type layout struct {
	payload  int
	header   int    // bytes of frame header, 0 without framing
	response int    // payload of an answer, 0 for the request itself
	pool     []byte // the bodies of all clients, overlapping
}

func newLayout(s *Spec) *layout {
	l := &layout{payload: s.PayloadBytes, response: s.ResponseBytes}
	if s.Framing == "length" && s.Network != "udp" {
		l.header = wire.HeaderSize
	}
	l.pool = make([]byte, l.size()-l.head()+clientStride*clientOffsets)
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], s.Seed)
	rand.NewChaCha8(seed).Read(l.pool)
	return l
}

func (l *layout) size() int { return l.header + l.payload }

func (l *layout) answerSize() int {
	if l.response > 0 {
		return l.header + l.response
	}
	return l.size()
}

// field is the length of the field for the size of the answer.
func (l *layout) field() int {
	if l.response > 0 {
		return wire.SizeField
	}
	return 0
}

// sequence is how many bytes of the sequence number a payload has room for.
func (l *layout) sequence() int { return min(sequenceSize, l.payload-l.field()) }

// head is the length of the part of a message that is not its body.
func (l *layout) head() int { return l.header + l.field() + l.sequence() }

func (l *layout) putHead(dst *[headSize]byte, seq uint64) []byte {
	var number [sequenceSize]byte
	binary.LittleEndian.PutUint64(number[:], seq)
	switch {
	case l.response > 0:
		wire.PutSizedHeader(dst[:], l.payload, l.response)
	case l.header > 0:
		wire.PutHeader(dst[:], l.payload)
	}
	copy(dst[l.header+l.field():], number[:l.sequence()])
	return dst[:l.head()]
}

func (l *layout) body(client int) []byte {
	at := client % clientOffsets * clientStride
	return l.pool[at : at+l.size()-l.head()]
}

// from returns message bytes from offset on, at least one and as many as it can
// give without much copying; only up to the end of the head's chunk are they
// put together in scratch.
func (l *layout) from(scratch []byte, client int, seq uint64, offset int) []byte {
	body := l.body(client)
	if offset >= l.head() {
		return body[offset-l.head():]
	}
	var head [headSize]byte
	n := copy(scratch, l.putHead(&head, seq))
	n += copy(scratch[n:], body)
	return scratch[offset:n]
}

func (l *layout) request() []byte {
	request := make([]byte, l.size())
	for n := 0; n < len(request); {
		n += copy(request[n:], l.from(request[n:], 0, 0, n))
	}
	return request
}

// matches reports whether p is what the answer to the message has at offset.
func (l *layout) matches(p []byte, client int, seq uint64, offset int) bool {
	if l.response > 0 {
		return l.matchesSized(p, client, seq, offset)
	}
	for len(p) > 0 {
		var head [headSize]byte
		want := l.segment(&head, client, seq, offset)
		n := min(len(want), len(p))
		if n == 0 || !bytes.Equal(p[:n], want[:n]) {
			return false
		}
		p, offset = p[n:], offset+n
	}
	return true
}

// matchesSized is matches where the answer is a header of its own and then the
// request's payload, over and over.
func (l *layout) matchesSized(p []byte, client int, seq uint64, offset int) bool {
	if len(p) > l.answerSize()-offset {
		return false
	}
	for len(p) > 0 {
		var head [headSize]byte
		var want []byte
		if offset < l.header {
			wire.PutHeader(head[:], l.response)
			want = head[offset:l.header]
		} else {
			want = l.segment(&head, client, seq, l.header+(offset-l.header)%l.payload)
		}
		n := min(len(want), len(p))
		if !bytes.Equal(p[:n], want[:n]) {
			return false
		}
		p, offset = p[n:], offset+n
	}
	return true
}

// segment is the message from offset to the end of the head, which is put together
// in dst, or of the body; nothing beyond that.
func (l *layout) segment(dst *[headSize]byte, client int, seq uint64, offset int) []byte {
	if offset < l.head() {
		return l.putHead(dst, seq)[offset:]
	}
	return l.body(client)[min(offset-l.head(), l.size()-l.head()):]
}

// sequenceOf reads the sequence number of a datagram that answers one of the
// latest requests, next being the number of the request to come: of a number cut
// short, the highest below next that ends in the bytes that are there.
func (l *layout) sequenceOf(datagram []byte, next uint64) (uint64, bool) {
	if len(datagram) != l.size() {
		return 0, false
	}
	var number [sequenceSize]byte
	copy(number[:], datagram[:l.head()]) // a datagram has no header
	seq := binary.LittleEndian.Uint64(number[:])
	if n := l.sequence(); n < sequenceSize {
		mask := uint64(1)<<(8*n) - 1
		seq = next - 1 - (next-1-seq)&mask
	}
	return seq, seq < next
}
