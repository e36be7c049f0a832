package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// read reads all answers of a stream that comes in chunks of a size, and the payload of each.
func read(r Reader, stream string, size int) (all []Answer, payloads []string, err error) {
	var a Answer
	var part, payload []byte
	for len(stream) > 0 {
		n := min(size, len(stream))
		part = append(part, stream[:n]...)
		stream = stream[n:]
		for len(part) > 0 {
			n, p, err := r.Read(part, &a)
			if err != nil {
				return all, payloads, err
			}
			if n == 0 {
				break
			}
			payload = append(payload, p...)
			part = part[n:]
			if a.Done {
				all, payloads = append(all, a), append(payloads, string(payload))
				a, payload = Answer{}, nil
			}
		}
	}
	if r.End(&a) {
		all, payloads = append(all, a), append(payloads, string(payload))
	} else if len(part) > 0 || a != (Answer{}) {
		err = io.ErrUnexpectedEOF
	}
	return all, payloads, err
}

func TestAnswers(t *testing.T) {
	const status = "HTTP/1.1 200 OK\r\n"
	web, redis := Answers(HTTPCodec, false), Answers(RESPCodec, false)
	tests := []struct {
		name     string
		reader   Reader
		stream   string
		payloads []string
		err      error
	}{
		{"length", web, status + "Content-Length: 5\r\n\r\nhello" + status + "content-length:0\r\n\r\n", []string{"hello", ""}, nil},
		{"chunks", web, status + "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x\r\nlo\r\n0\r\nA: b\r\n\r\n" + status + "Content-Length: 1\r\n\r\nx", []string{"hello", "x"}, nil},
		{"interim", web, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + status + "Content-Length: 1\r\n\r\nx", []string{"x"}, nil},
		{"no content", web, "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304\r\nContent-Length: 9\r\n\r\n", []string{"", ""}, nil},
		{"to the end", web, status + "\r\nhello", []string{"hello"}, nil},
		{"to HEAD", Answers(HTTPCodec, true), status + "Content-Length: 5\r\n\r\n", []string{""}, nil},
		{"short", web, status + "Content-Length: 5\r\n\r\nhell", nil, io.ErrUnexpectedEOF},
		{"no HTTP", web, "SSH-2.0-OpenSSH\r\n", nil, ErrMalformed},
		{"upgrade", web, "HTTP/1.1 101 Switching Protocols\r\n\r\n", nil, ErrMalformed},
		{"two lengths", web, status + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", nil, ErrMalformed},
		{"length and chunks", web, status + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", nil, ErrMalformed},
		{"bad status", web, "HTTP/1.1 2000 OK\r\n\r\n", nil, ErrMalformed},
		{"endless head", web, status + strings.Repeat("X: y\r\n", 20000), nil, ErrMalformed},

		{"strings", redis, "+OK\r\n:12\r\n$5\r\nhello\r\n$0\r\n\r\n$-1\r\n-ERR no\r\n", []string{"", "", "hello", "", "", ""}, nil},
		{"arrays", redis, "*2\r\n$1\r\na\r\n*2\r\n:1\r\n+x\r\n*0\r\n*-1\r\n+OK\r\n", []string{"a", "", "", ""}, nil},
		{"integers", redis, ":9223372036854775807\r\n:-9223372036854775808\r\n:0\r\n", []string{"", "", ""}, nil},
		{"no integer", redis, ":1x\r\n", nil, ErrMalformed},
		{"no RESP", redis, "HTTP/1.1 400 Bad Request\r\n\r\n", nil, ErrMalformed},
		{"bulk too long", redis, "$1\r\nabc", nil, ErrMalformed},
		{"no length", redis, "$x\r\n", nil, ErrMalformed},
		{"bare line feed", redis, "+OK\n", nil, ErrMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range []int{1, 2, 3, 7, 1 << 20} {
				_, payloads, err := read(tt.reader, tt.stream, size)
				if !errors.Is(err, tt.err) {
					t.Fatalf("chunks of %d: %v, want %v", size, err, tt.err)
				}
				if diff := cmp.Diff(tt.payloads, payloads); diff != "" && tt.err == nil {
					t.Fatalf("chunks of %d (-want +got):\n%s", size, diff)
				}
			}
		})
	}
}

func TestAnswerSays(t *testing.T) {
	all, _, err := read(Answers(HTTPCodec, false), "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabcHTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", 100)
	if err != nil || len(all) != 2 || all[0].Status != 404 || !all[0].Close || all[0].Length != 3 || all[1].Status != 200 || !all[1].Close {
		t.Errorf("%+v, %v", all, err)
	}
	all, _, err = read(Answers(RESPCodec, false), "-ERR\r\n$-1\r\n$2\r\nab\r\n", 100)
	if err != nil || len(all) != 3 || !all[0].Failed || !all[1].Missing || all[2].Length != 2 || all[2].Failed {
		t.Errorf("%+v, %v", all, err)
	}
}

// FuzzHTTPAnswer holds the reader against net/http: what it takes for an answer is one there too, with
// the same body.
func FuzzHTTPAnswer(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), uint8(3))
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n0\r\n\r\n"), uint8(1))
	f.Fuzz(func(t *testing.T, stream []byte, size uint8) {
		r := Answers(HTTPCodec, false)
		all, payloads, err := read(r, string(stream), 1<<20)
		_, cut, cutErr := read(r, string(stream), 1+int(size))
		if (err == nil) != (cutErr == nil) || err == nil && !cmp.Equal(payloads, cut) {
			t.Fatalf("at once %q, %v; in chunks of %d %q, %v", payloads, err, 1+int(size), cut, cutErr)
		}
		if err != nil || len(all) != 1 || bytes.HasPrefix(stream, []byte("HTTP/1.1 1")) {
			return
		}
		theirs, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(stream)), nil)
		if err != nil {
			t.Skip(err)
		}
		body, err := io.ReadAll(theirs.Body)
		if err != nil || theirs.StatusCode != all[0].Status || string(body) != payloads[0] {
			t.Fatalf("%q: status %d and body %q, net/http has %d and %q, %v", stream, all[0].Status, payloads[0], theirs.StatusCode, body, err)
		}
	})
}
