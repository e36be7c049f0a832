package modeltest

import (
	"bytes"
	"fmt"
	"slices"

	"connbench/models"
	"connbench/models/wire"
)

// message is one request or several, and what they are answered with.
type message struct{ request, reply []byte }

// message is a request with a payload, and its reply, as they go over the target's wire. In line
// framing the payload is made one of letters.
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
	}
	return message{
		fmt.Appendf(nil, "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n%s", len(payload), payload),
		fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n%s", len(payload), payload),
	}
}

// request is that of a message.
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

// times is the message over and over.
func (m message) times(n int) message {
	return message{bytes.Repeat(m.request, n), bytes.Repeat(m.reply, n)}
}

// joined is one message after the other.
func joined(messages ...message) (all message) {
	for _, m := range messages {
		all = message{slices.Concat(all.request, m.request), slices.Concat(all.reply, m.reply)}
	}
	return all
}
