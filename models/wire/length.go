package wire

import (
	"encoding/binary"
	"io"
)

// HeaderSize is the length of a frame's prefix in bytes: a big-endian unsigned number,
// the length of the payload after it.
const HeaderSize = 4

// A reply has the form of a request, and is the same bytes unless the request's
// header has its highest bit set. Its payload then begins with the length that it
// wants of the reply's payload, which is the request's over and over.
const (
	sizedBit = 1 << 31
	// SizeField is the length of that field in bytes.
	SizeField = 4
)

// length is the codec of frames.
type length struct{ max int }

func (l *length) Next(b []byte, p *Progress) (int, error) {
	if len(b) < HeaderSize {
		return HeaderSize, nil
	}
	n := PayloadLen(b)
	if n > l.max {
		return 0, tooLong(n, l.max)
	}
	p.Made = Sized(b)
	return HeaderSize + n, nil
}

func (l *length) Reply(dst, frame []byte, left *Budget) ([]byte, error) {
	if !Sized(frame) {
		return append(dst, frame...), nil
	}
	payload := frame[HeaderSize:]
	if len(payload) < SizeField {
		return dst, ErrMalformed
	}
	n := int(binary.BigEndian.Uint32(payload))
	if err := left.take(n); err != nil {
		return dst, err
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(n))
	for n > 0 {
		part := payload[:min(n, len(payload))]
		dst = append(dst, part...)
		n -= len(part)
	}
	return dst, nil
}

func (l *length) Notice(dst []byte, _ error) []byte { return dst }

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
