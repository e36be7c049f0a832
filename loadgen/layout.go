package loadgen

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"

	"connbench/models/wire"
)

const (
	sequenceSize = 8
	headSize     = wire.HeaderSize + sequenceSize
	// clientStride tells the payloads of neighbouring clients apart, so that an
	// answer that went to the wrong client does not pass. A prime.
	clientStride  = 31
	clientOffsets = 509 // how many different payloads there are; a prime
)

// layout is what requests look like, and with them the answers. A message is a
// head, the frame's header and the request's sequence number, little-endian and
// cut to the payload's length, and a body of pseudo-random bytes that depends on
// the client. No message is ever held in memory as a whole: it is a function of
// client, sequence number and offset.
type layout struct {
	payload int
	header  int    // bytes of frame header, 0 without framing
	pool    []byte // the bodies of all clients, overlapping
}

func newLayout(payload int, framed bool, seed uint64) *layout {
	l := &layout{payload: payload}
	if framed {
		l.header = wire.HeaderSize
	}
	l.pool = make([]byte, l.size()-l.head()+clientStride*clientOffsets)
	random := rand.NewChaCha8([32]byte{0: 1, 8: byte(seed), 9: byte(seed >> 8), 10: byte(seed >> 16), 11: byte(seed >> 24)})
	random.Read(l.pool)
	return l
}

// size is the length of a message.
func (l *layout) size() int { return l.header + l.payload }

// sequence is how many bytes of the sequence number a payload has room for.
func (l *layout) sequence() int { return min(sequenceSize, l.payload) }

// head is the length of the part of a message that is not its body.
func (l *layout) head() int { return l.header + l.sequence() }

func (l *layout) putHead(dst *[headSize]byte, seq uint64) []byte {
	var number [sequenceSize]byte
	binary.LittleEndian.PutUint64(number[:], seq)
	if l.header > 0 {
		wire.PutHeader(dst[:], l.payload)
	}
	copy(dst[l.header:], number[:l.sequence()])
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

// matches reports whether p is what the message has at offset.
func (l *layout) matches(p []byte, client int, seq uint64, offset int) bool {
	if offset < l.head() {
		var head [headSize]byte
		want := l.putHead(&head, seq)[offset:]
		n := min(len(want), len(p))
		if !bytes.Equal(p[:n], want[:n]) {
			return false
		}
		p, offset = p[n:], offset+n
	}
	if len(p) == 0 {
		return true
	}
	rest := l.body(client)[offset-l.head():]
	return len(p) <= len(rest) && bytes.Equal(p, rest[:len(p)])
}

// sequenceOf reads the sequence number of a datagram that answers one of the
// latest requests, next being the number of the request to come: of a number cut
// short, the highest below next that ends in the bytes that are there.
func (l *layout) sequenceOf(datagram []byte, next uint64) (uint64, bool) {
	if len(datagram) != l.size() {
		return 0, false
	}
	var number [sequenceSize]byte
	copy(number[:], datagram[l.header:l.head()])
	seq := binary.LittleEndian.Uint64(number[:])
	if n := l.sequence(); n < sequenceSize {
		mask := uint64(1)<<(8*n) - 1
		seq = next - 1 - (next-1-seq)&mask
	}
	return seq, seq < next
}
