// Package wire is the length-prefix frame that servers and clients speak: a
// 4-byte big-endian unsigned length, then that many bytes of payload.
//
// A reply has the form of a request. End of stream between two frames is a clean
// end; inside one it is a truncated frame.
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

// ErrTooLong marks a frame whose header announces more than the maximum.
var ErrTooLong = errors.New("frame longer than the maximum")

// PutHeader writes the prefix of a payload of n bytes into b.
func PutHeader(b []byte, n int) { binary.BigEndian.PutUint32(b, uint32(n)) }

// PayloadLen reads the prefix at the start of b, which holds a whole header.
func PayloadLen(b []byte) int { return int(binary.BigEndian.Uint32(b)) }

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

// Payloads yields the payload of each frame in b, which holds whole frames only,
// as [Splitter.Split] returns them.
func Payloads(b []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(b) > 0 {
			end := HeaderSize + PayloadLen(b)
			if !yield(b[HeaderSize:end]) {
				return
			}
			b = b[end:]
		}
	}
}

func tooLong(n, max int) error {
	return fmt.Errorf("%w: %d bytes announced, %d allowed", ErrTooLong, n, max)
}
