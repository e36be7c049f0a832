package message

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"time"

	"connbench/models/wire"
)

// What a load asks for by key is put there first, or it would measure misses.

// fillAtOnce is how many bytes of requests go out before their answers are read.
const fillAtOnce = 64 << 10

// setting is the command that puts what the request gets, "" where it gets nothing by a key that
// is drawn.
func (r *Request) setting() string {
	words := strings.Fields(r.command())
	if !r.commands() || len(words) != 2 || !strings.Contains(words[1], keyMark) {
		return ""
	}
	switch {
	case r.Framing == wire.RESPCodec && strings.EqualFold(words[0], "get"):
		return "SET " + words[1] + " " + payloadMark
	case r.Framing == wire.MemcacheCodec && (words[0] == "get" || words[0] == "gets"):
		return "set " + words[1] + " " + payloadMark
	}
	return ""
}

// Gets reports whether a request gets the value of a key that is drawn, so that Fill can put them.
func (r *Request) Gets() bool { return r.Network != "udp" && r.setting() != "" }

// Fill puts a value of so many bytes under each key from which requests draw theirs, through c.
// The values are all the text of [wire.AppendFill]. Each exchange of some of them has patience
// to end.
func (r *Request) Fill(c net.Conn, patience time.Duration) error {
	put := *r
	put.Command, put.PayloadBytes, put.FillBytes = r.setting(), r.FillBytes, 0
	l := shape(&put)
	value := wire.AppendFill(nil, r.FillBytes)
	var out []byte
	buf := make([]byte, 4<<10)
	for first := 0; first < l.keys; {
		out = out[:0]
		next := first
		for ; next < l.keys && (next == first || len(out)+l.Size() <= fillAtOnce); next++ {
			at := len(out)
			out = append(out, l.before...)
			putDigits(out[at+l.keyAt:], uint64(next))
			out = append(append(out, value...), l.after...)
		}
		c.SetDeadline(time.Now().Add(patience))
		if _, err := c.Write(out); err != nil {
			return fmt.Errorf("keys %d to %d: %w", first, next-1, err)
		}
		if err := l.taken(c, buf, next-first); err != nil {
			return fmt.Errorf("keys %d to %d: %w", first, next-1, err)
		}
		first = next
	}
	return nil
}

// taken reads the answers to n requests that put something. The error is what the server refuses.
func (l *Layout) taken(c net.Conn, buf []byte, n int) error {
	var a wire.Answer
	for kept := 0; n > 0; {
		more, err := c.Read(buf[kept:])
		if err != nil {
			return err
		}
		part := buf[:kept+more]
		for n > 0 && len(part) > 0 {
			took, _, err := l.reads.reader.Read(part, &a)
			switch {
			case err != nil || a.Failed || took == 0 && len(part) == len(buf):
				line, _, _ := bytes.Cut(part, []byte{'\r'})
				return fmt.Errorf("the server says %.100q", line)
			case took > 0 && a.Done:
				a, n = wire.Answer{}, n-1
			}
			if took == 0 {
				break
			}
			part = part[took:]
		}
		kept = copy(buf, part)
	}
	return nil
}
