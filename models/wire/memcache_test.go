package wire

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMemcache(t *testing.T) {
	const bad = badFormat + "\r\n"
	longest := strings.Repeat("k", mostKey)
	tests := []struct {
		name, stream, want string
		err                error
	}{
		{"set and get", "set k 7 0 5\r\nvalue\r\nget k\r\n", "STORED\r\nVALUE k 7 5\r\nvalue\r\nEND\r\n", nil},
		{"again", "set k 1 0 5\r\nvalue\r\nset k 4294967295 0 1\r\nv\r\nget k\r\n", "STORED\r\nSTORED\r\nVALUE k 4294967295 1\r\nv\r\nEND\r\n", nil},
		{"any bytes", "set k 0 0 8\r\nget k\r\n\x00\r\nget k\r\n", "STORED\r\nVALUE k 0 8\r\nget k\r\n\x00\r\nEND\r\n", nil},
		{"empty value", "set k 0 0 0\r\n\r\nget k\r\n", "STORED\r\nVALUE k 0 0\r\n\r\nEND\r\n", nil},
		{"several", "set a 0 0 1\r\n1\r\nset b 0 0 1\r\n2\r\nget b  none a\r\n", "STORED\r\nSTORED\r\nVALUE b 0 1\r\n2\r\nVALUE a 0 1\r\n1\r\nEND\r\n", nil},
		{"numbers", "set a 0 0 1\r\n1\r\nset b 3 0 1\r\n2\r\ngets a b\r\nset a 0 0 1\r\n1\r\ngets a\r\n",
			"STORED\r\nSTORED\r\nVALUE a 0 1 1\r\n1\r\nVALUE b 3 1 2\r\n2\r\nEND\r\nSTORED\r\nVALUE a 0 1 3\r\n1\r\nEND\r\n", nil},
		{"a miss", "get k\r\ngets k j\r\n", "END\r\nEND\r\n", nil},
		{"expiry", "set k 0 60 1\r\nv\r\nset k 0 -1 1\r\nv\r\nget k\r\n", "STORED\r\nSTORED\r\nVALUE k 0 1\r\nv\r\nEND\r\n", nil},
		{"no reply", "set k 0 0 1 noreply\r\nv\r\nget k\r\ndelete k noreply\r\nget k\r\n", "VALUE k 0 1\r\nv\r\nEND\r\nEND\r\n", nil},
		{"delete", "set k 0 0 1\r\nv\r\ndelete k\r\ndelete k\r\nget k\r\n", "STORED\r\nDELETED\r\nNOT_FOUND\r\nEND\r\n", nil},
		{"version", "version\r\n", "VERSION 1.0.0-connbench\r\n", nil},
		{"newlines alone", "set k 0 0 1\nv\r\nget k\n", "STORED\r\nVALUE k 0 1\r\nv\r\nEND\r\n", nil},
		{"quit", "version\r\nquit\r\nversion\r\n", "VERSION 1.0.0-connbench\r\n", ErrClose},
		{"more than alone", "version a\r\nquit a\r\nversion \r\n", "ERROR\r\nERROR\r\nVERSION 1.0.0-connbench\r\n", nil},
		{"values of others", "add k 0 0 7\r\nversion\r\ncas k 0 0 4 17 noreply\r\nquit\r\nprepend k 0 0 0\r\n\r\nget k\r\n", "ERROR\r\nERROR\r\nERROR\r\nEND\r\n", nil},
		{"unknown", "flush_all\r\nSET k 0 0 1\r\n\r\nget\r\nversion\r\n", "ERROR\r\nERROR\r\nERROR\r\nERROR\r\nVERSION 1.0.0-connbench\r\n", nil},
		{"longest key", "set " + longest + " 0 0 1\r\nv\r\nget " + longest + "\r\n", "STORED\r\nVALUE " + longest + " 0 1\r\nv\r\nEND\r\n", nil},
		{"key too long", "set " + longest + "k 0 0 1\r\nv\r\nget a " + longest + "k\r\ndelete " + longest + "k\r\nget a\r\n", bad + bad + bad + "END\r\n", nil},
		{"no key", "set a\tb 0 0 1\r\nv\r\nget \x00\r\ndelete\r\ndelete a b\r\nget a\r\n", bad + bad + bad + bad + "END\r\n", nil},
		{"refused in the middle", "set a 0 0 1\r\n1\r\nget a a\x7f\r\n", "STORED\r\n" + bad, nil},
		{"too large", "set k 0 0 1\r\nv\r\nset k 0 0 101\r\n" + strings.Repeat("v", 101) + "\r\nget k\r\n", "STORED\r\n" + largeObject + "\r\nEND\r\n", nil},
		{"too large, no reply", "set k 0 0 101 noreply\r\n" + strings.Repeat("v", 101) + "\r\nget k\r\n", "END\r\n", nil},

		{"no size", "set k 0 0 four\r\nfour\r\n", bad, ErrMalformed},
		{"no size of others", "append k 0 four\r\nfour\r\n", bad, ErrMalformed},
		{"cas without its number", "cas k 0 0\r\n", bad, ErrMalformed},
		{"negative size", "set k 0 0 -1\r\n", bad, ErrMalformed},
		{"too few words", "version\r\nset k 0 4\r\nfour\r\n", "VERSION 1.0.0-connbench\r\n" + bad, ErrMalformed},
		{"too many words", "set k 0 0 4 noreply x\r\nfour\r\n", bad, ErrMalformed},
		{"another word", "set k 0 0 4 reply\r\nfour\r\n", bad, ErrMalformed},
		{"flags too high", "set k 4294967296 0 1\r\nv\r\n", bad, ErrMalformed},
		{"value longer than it says", "set k 0 0 3\r\nabcd\r\n", badChunk.text + "\r\n", ErrMalformed},
		{"value shorter", "set k 0 0 3\r\nab\r\nversion\r\n", badChunk.text + "\r\n", ErrMalformed},
		{"far too large", "set k 0 0 201\r\n", largeObject + "\r\n", ErrTooLong},
		{"endless size", "set k 0 0 " + strings.Repeat("9", 99) + "\r\n", largeObject + "\r\n", ErrTooLong},
		{"endless line", strings.Repeat("x", mostLine+1), longLine.text + "\r\n", ErrTooLong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range []int{1, 2, 3, 7, 1 << 20} {
				got, partial, err := serve(openMemcache(Options{MaxPayload: 100}), []byte(tt.stream), size, 100)
				if !errors.Is(err, tt.err) || partial && err == nil {
					t.Fatalf("chunks of %d: %v, partial %v, want %v", size, err, partial, tt.err)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Fatalf("chunks of %d (-want +got):\n%s", size, diff)
				}
			}
		})
	}
}

// What requests that arrive together get is bounded, and so is what a server holds.
func TestMemcacheLimits(t *testing.T) {
	c := openMemcache(Options{MaxPayload: 100}).(*memcache)
	value := strings.Repeat("v", 60)
	got, _, err := serve(c, []byte("set k 0 0 60\r\n"+value+"\r\nget k\r\nget none k\r\n"), 1<<20, 100)
	if want := "STORED\r\nVALUE k 0 60\r\n" + value + "\r\nEND\r\n" + longReply.text + "\r\n"; !errors.Is(err, ErrTooLong) || got != want {
		t.Errorf("%q, %v", got, err)
	}
	c.store.held.Store(mostStored)
	got, _, err = serve(c, []byte("set k 0 0 61\r\n"+value+"v\r\nget k\r\nset j 0 0 0\r\n\r\n"), 1<<20, 100)
	if want := noMemory + "\r\nEND\r\nSTORED\r\n"; err != nil || got != want {
		t.Errorf("%q, %v", got, err)
	}
}

func TestMemcacheAllocates(t *testing.T) {
	checkAllocations(t, openMemcache(Options{MaxPayload: 1000}), "set k 0 0 5\r\nvalue\r\nget k none\r\ngets k\r\nfly\r\n")
}

func TestMemcacheAnswers(t *testing.T) {
	const value = "VALUE k 0 5\r\nhello\r\n"
	tests := []struct {
		name, stream string
		want         []Answer
		payloads     []string
		err          error
	}{
		{"a value", value + "END\r\n", []Answer{{Length: 5}}, []string{"hello"}, nil},
		{"several", value + "VALUE j 1 0 77\r\n\r\n" + value + "END\r\nSTORED\r\n", []Answer{{Length: 10}, {}}, []string{"hellohello", ""}, nil},
		{"misses", "END\r\nNOT_FOUND\r\nEND\r\n", []Answer{{Missing: true}, {Missing: true}, {Missing: true}}, []string{"", "", ""}, nil},
		{"outcomes", "STORED\r\nNOT_STORED\r\nDELETED\r\nVERSION 1.6.38\r\n17\r\nOK\r\n", make([]Answer, 6), make([]string, 6), nil},
		{"errors", "ERROR\r\nCLIENT_ERROR no\r\n" + value + "SERVER_ERROR no memory\r\nEND\r\n",
			[]Answer{{Failed: true}, {Failed: true}, {Failed: true, Length: 5}, {Missing: true}}, []string{"", "", "hello", ""}, nil},
		{"an outcome behind a value", value + "STORED\r\n", nil, nil, ErrMalformed},
		{"no end", value, nil, nil, io.ErrUnexpectedEOF},
		{"short", "VALUE k 0 5\r\nhel", nil, nil, io.ErrUnexpectedEOF},
		{"value longer than it says", "VALUE k 0 1\r\nabc\r\nEND\r\n", nil, nil, ErrMalformed},
		{"no size", "VALUE k 0\r\n", nil, nil, ErrMalformed},
		{"no key", "VALUE  0 5\r\nhello\r\nEND\r\n", nil, nil, ErrMalformed},
		{"one word more", "VALUE k 0 5 1 2\r\n", nil, nil, ErrMalformed},
		{"no memcached", "HTTP/1.1 400 Bad Request\r\n", nil, nil, ErrMalformed},
		{"bare line feed", "STORED\n", nil, nil, ErrMalformed},
		{"endless line", strings.Repeat("x", mostReplyLine+1), nil, nil, ErrMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range []int{1, 2, 3, 7, 1 << 20} {
				all, payloads, err := read(Answers(MemcacheCodec, false), tt.stream, size)
				if !errors.Is(err, tt.err) {
					t.Fatalf("chunks of %d: %v, want %v", size, err, tt.err)
				}
				for i := range all {
					all[i] = Answer{Length: all[i].Length, Missing: all[i].Missing, Failed: all[i].Failed}
				}
				if tt.err == nil && (!cmp.Equal(tt.want, all, cmp.AllowUnexported(Answer{})) || !cmp.Equal(tt.payloads, payloads)) {
					t.Fatalf("chunks of %d: %+v, %q", size, all, payloads)
				}
			}
		})
	}
}

// FuzzMemcache has the codec answer alike however a stream is cut, and its answers be some.
func FuzzMemcache(f *testing.F) {
	f.Add([]byte("set k 0 0 5\r\nvalue\r\nget k\r\n"), uint8(3))
	f.Add([]byte("set k 0 0 1 noreply\r\nv\r\ngets a k\r\ndelete k\r\n\r\nversion\r\nquit\r\n"), uint8(1))
	f.Add([]byte("set k 0 0 150\r\nvalue\r\n"), uint8(2))
	f.Fuzz(func(t *testing.T, stream []byte, size uint8) {
		open := func() Codec { return openMemcache(Options{MaxPayload: 100}) }
		whole, partial, err := serve(open(), stream, 1<<20, 1<<20)
		cut, cutPartial, cutErr := serve(open(), stream, 1+int(size), 1<<20)
		if whole != cut || (err == nil) != (cutErr == nil) || err == nil && partial != cutPartial {
			t.Fatalf("at once %q, %v, %v; in chunks of %d %q, %v, %v", whole, partial, err, 1+int(size), cut, cutPartial, cutErr)
		}
		if _, _, err := read(Answers(MemcacheCodec, false), whole, 1+int(size)); err != nil {
			t.Fatalf("what was answered is no answer: %q: %v", whole, err)
		}
	})
}

// FuzzMemcacheAnswer has the reader find the same answers however they are cut.
func FuzzMemcacheAnswer(f *testing.F) {
	f.Add([]byte("VALUE k 0 5\r\nhello\r\nEND\r\nSTORED\r\n"), uint8(3))
	f.Add([]byte("END\r\nCLIENT_ERROR no\r\n"), uint8(1))
	f.Fuzz(func(t *testing.T, stream []byte, size uint8) {
		r := Answers(MemcacheCodec, false)
		all, payloads, err := read(r, string(stream), 1<<20)
		cut, cutPayloads, cutErr := read(r, string(stream), 1+int(size))
		if (err == nil) != (cutErr == nil) || err == nil && (!cmp.Equal(all, cut, cmp.AllowUnexported(Answer{})) || !cmp.Equal(payloads, cutPayloads)) {
			t.Fatalf("at once %+v, %q, %v; in chunks of %d %+v, %q, %v", all, payloads, err, 1+int(size), cut, cutPayloads, cutErr)
		}
	})
}
