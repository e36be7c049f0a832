package wire

import "bytes"

// line is requests that a newline ends; the reply is the same line.
type line struct{ max int }

// lineStep is how many bytes more a look at a text is worth.
const lineStep = 512

func (l *line) Next(b []byte, p *Progress) (int, error) {
	i := bytes.IndexByte(b[p.at:], '\n')
	n := int(p.at) + i
	if i < 0 {
		n = len(b)
		p.at = int32(n)
	}
	switch {
	case n > l.max:
		return 0, tooLong(n, l.max)
	case i < 0:
		return n + lineStep, nil
	}
	return n + 1, nil
}

func (l *line) Reply(dst, request []byte, _ *Budget) ([]byte, error) {
	return append(dst, request...), nil
}

func (l *line) Notice(dst []byte, _ error) []byte { return dst }
