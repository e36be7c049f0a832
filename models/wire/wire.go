// Package wire is the length-prefix frame that servers and clients speak: a
// 4-byte big-endian unsigned length, then that many bytes of payload.
//
// A reply has the form of a request, and is the same bytes unless the request's
// header has its highest bit set. Its payload then begins with the length that it
// wants of the reply's payload, which is the request's over and over; see
// [AppendReply].
//
// End of stream between two frames is a clean end; inside one it is a truncated
// frame.
package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
)

// HeaderSize is the length of a frame's prefix in bytes.
const HeaderSize = 4

// DefaultMaxPayload is the longest payload accepted where nobody says otherwise.
const DefaultMaxPayload = 1 << 20

// The request for a reply of another size: a bit of the header, and a field at the
// beginning of the payload.
const (
	sizedBit = 1 << 31
	// SizeField is the length of that field in bytes.
	SizeField = 4
)

// ErrMalformed marks a frame whose header promises a field that its payload is too
// short for.
var ErrMalformed = errors.New("frame too short for the field it announces")

// ErrTooLong marks a frame whose header announces more than the maximum.
var ErrTooLong = errors.New("frame longer than the maximum")

// PutHeader writes the prefix of a payload of n bytes into b.
func PutHeader(b []byte, n int) { binary.BigEndian.PutUint32(b, uint32(n)) }

// PutSizedHeader writes the prefix, and the field after it, of a request with a
// payload of n bytes that asks for one of reply bytes.
func PutSizedHeader(b []byte, n, reply int) {
	binary.BigEndian.PutUint32(b, uint32(n)|sizedBit)
	binary.BigEndian.PutUint32(b[HeaderSize:], uint32(reply))
}

// PayloadLen reads the prefix at the start of b, which holds a whole header.
func PayloadLen(b []byte) int { return int(binary.BigEndian.Uint32(b) &^ sizedBit) }

// Sized reports whether the frame with the prefix at the start of b asks for a
// reply of another size.
func Sized(b []byte) bool { return b[0]&0x80 != 0 }

// AppendReply appends the reply to a whole frame to dst. The error wraps
// [ErrTooLong] where a reply of more than max bytes of payload is asked for, and
// [ErrMalformed] where the field is missing.
func AppendReply(dst, frame []byte, max int) ([]byte, error) {
	if !Sized(frame) {
		return append(dst, frame...), nil
	}
	payload := frame[HeaderSize:]
	if len(payload) < SizeField {
		return dst, ErrMalformed
	}
	n := int(binary.BigEndian.Uint32(payload))
	if n > max {
		return dst, tooLong(n, max)
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(n))
	for n > 0 {
		part := payload[:min(n, len(payload))]
		dst = append(dst, part...)
		n -= len(part)
	}
	return dst, nil
}

// MostReply is the longest reply payload, in bytes, that each of requests which arrive
// together may ask for where a frame holds up to max bytes: the payloads of all their
// replies together, headers not counted, may be as long as that of one frame.
func MostReply(requests, max int) int { return max / requests }

// Budget is what is left of that to the replies to come, in bytes.
type Budget int

// AppendReply is [AppendReply] within b, from which it takes the reply's payload.
func (b *Budget) AppendReply(dst, frame []byte) ([]byte, error) {
	before := len(dst)
	dst, err := AppendReply(dst, frame, int(*b))
	if err == nil {
		*b -= Budget(len(dst) - before - HeaderSize)
	}
	return dst, err
}

// AppendFrame appends payload as one frame to dst.
func AppendFrame(dst, payload []byte) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(payload)))
	return append(dst, payload...)
}

// ReadFrame reads one frame's payload from r. It returns io.EOF at a clean end,
// io.ErrUnexpectedEOF inside a frame, and an error wrapping [ErrTooLong] for a
// payload of more than max bytes. Memory grows with the bytes that arrive, not
// with the length that was announced.
func ReadFrame(r io.Reader, max int) ([]byte, error) {
	var header [HeaderSize]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return nil, err
	}
	n := PayloadLen(header[:])
	if n > max {
		return nil, tooLong(n, max)
	}
	payload, err := io.ReadAll(io.LimitReader(r, int64(n)))
	if err == nil && len(payload) < n {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	return payload, nil
}

// Frames yields each frame in b, header included, which holds whole frames only, as
// [Splitter.Split] returns them.
func Frames(b []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(b) > 0 {
			end := HeaderSize + PayloadLen(b)
			if !yield(b[:end]) {
				return
			}
			b = b[end:]
		}
	}
}

func tooLong(n, max int) error {
	return fmt.Errorf("%w: %d bytes announced or asked for, %d allowed", ErrTooLong, n, max)
}
