package modeltest

import (
	"bufio"
	"bytes"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"connbench/models"
	"connbench/models/wire"
)

// message is one request or several, and what they are answered with.
type message struct{ request, reply []byte }

// message is a request with a payload, and its reply, as they go over the target's wire. In line
// framing the payload is made one of letters. Memcached's protocol has no echo: the request is to set
// a value and to get it again, under a key of its own.
func (g *target) message(payload []byte) message {
	switch {
	case !stream(g), g.framing == models.Raw:
		return message{payload, payload}
	case g.framing == models.Length:
		frame := wire.AppendFrame(nil, payload)
		return message{frame, frame}
	case g.framing == models.Line:
		line := make([]byte, len(payload), len(payload)+1)
		for i, b := range payload {
			line[i] = 'a' + b%26
		}
		line = append(line, '\n')
		return message{line, line}
	case g.framing == models.RESP:
		return message{
			fmt.Appendf(nil, "*2\r\n$4\r\nECHO\r\n$%d\r\n%s\r\n", len(payload), payload),
			fmt.Appendf(nil, "$%d\r\n%s\r\n", len(payload), payload),
		}
	case g.framing == models.Memcache:
		key := fnv.New64()
		key.Write(payload)
		return message{
			fmt.Appendf(nil, "set %016x 0 0 %d\r\n%s\r\nget %016[1]x\r\n", key.Sum64(), len(payload), payload),
			fmt.Appendf(nil, "STORED\r\nVALUE %016x 0 %d\r\n%s\r\nEND\r\n", key.Sum64(), len(payload), payload),
		}
	}
	return message{
		fmt.Appendf(nil, "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n%s", len(payload), payload),
		fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n%s", len(payload), payload),
	}
}

func (g *target) request(payload []byte) []byte { return g.message(payload).request }

// kibibyte is a message whose request is a kibibyte long, and not quite in raw framing.
func (g *target) kibibyte(seed int) message {
	const some = 900
	beside := len(g.request(payload(some, seed))) - some
	if g.framing == models.Raw {
		beside = 4
	}
	return g.message(payload(1<<10-beside, seed))
}

func (m message) times(n int) message {
	return message{bytes.Repeat(m.request, n), bytes.Repeat(m.reply, n)}
}

func joined(messages ...message) (all message) {
	for _, m := range messages {
		all = message{slices.Concat(all.request, m.request), slices.Concat(all.reply, m.reply)}
	}
	return all
}

// reworded reads what a server of HTTP says with its own words as our own models say it. It takes
// no byte more than it needs.
type reworded struct {
	from     io.Reader
	head     []byte // of an answer, as far as it has come
	said     []byte // ours, and not yet read
	left     int64  // of the body that follows
	bodyless bool   // the next answers are to HEAD
}

// bodyless says whether the next answers are to requests for the head alone.
func (c *client) bodyless(is bool) {
	if c.reworded != nil {
		c.reworded.bodyless = is
	}
}

func (r *reworded) Read(p []byte) (int, error) {
	if len(r.said) == 0 && r.left == 0 {
		if err := r.answer(); err != nil {
			return 0, err
		}
	}
	if len(r.said) > 0 {
		n := copy(p, r.said)
		r.said = r.said[n:]
		return n, nil
	}
	n, err := r.from.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	return n, err
}

// answer reads an answer's head, and the body of one whose status that says.
func (r *reworded) answer() error {
	for end := []byte("\r\n\r\n"); !bytes.HasSuffix(r.head, end); {
		var one [1]byte
		if _, err := r.from.Read(one[:]); err == io.EOF && len(r.head) > 0 {
			return fmt.Errorf("an end inside a head, after %q", r.head)
		} else if err != nil {
			return err
		}
		r.head = append(r.head, one[0])
	}
	got, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(r.head)), &http.Request{Method: http.MethodHead})
	if err != nil {
		return fmt.Errorf("%q: %w", r.head, err)
	}
	r.head = r.head[:0]
	closing := ""
	if got.Close {
		closing = "Connection: close\r\n"
	}
	switch {
	case got.StatusCode < 200:
		r.said = fmt.Appendf(nil, "HTTP/1.1 %s\r\n\r\n", got.Status)
	case got.StatusCode < 400:
		r.said = fmt.Appendf(nil, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n",
			got.Status, got.Header.Get("Content-Type"), got.ContentLength, closing)
		if !r.bodyless {
			r.left = got.ContentLength
		}
	case got.ContentLength >= 0:
		r.said = []byte(statusReply(ourStatus(got.StatusCode), closing))
		_, err = io.CopyN(io.Discard, r.from, got.ContentLength)
	default: // the body is all that comes
		r.said = []byte(statusReply(ourStatus(got.StatusCode), closing))
		io.Copy(io.Discard, r.from)
	}
	return err
}

// ourStatus is what our own models say of a status.
func ourStatus(code int) string {
	for _, known := range []string{"400 Bad Request", "404 Not Found", "413 Content Too Large", "431 Request Header Fields Too Large",
		"501 Not Implemented", "505 HTTP Version Not Supported"} {
		if strings.HasPrefix(known, strconv.Itoa(code)) {
			return known
		}
	}
	return strconv.Itoa(code)
}
