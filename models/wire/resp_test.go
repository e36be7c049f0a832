package wire

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// command is words as an array of bulk strings.
func command(words ...string) string {
	b := appendNumber(nil, '*', len(words))
	for _, w := range words {
		b = appendBulk(b, []byte(w))
	}
	return string(b)
}

func TestRESP(t *testing.T) {
	tests := []struct {
		name, stream, want string
		err                error
	}{
		{"ping", command("PING") + command("ping", "hi"), "+PONG\r\n$2\r\nhi\r\n", nil},
		{"echo", command("Echo", "a\r\nb"), "$4\r\na\r\nb\r\n", nil},
		{"inline", "PING\r\necho hello\nSET a 1\r\nGET a\r\n", "+PONG\r\n$5\r\nhello\r\n+OK\r\n$1\r\n1\r\n", nil},
		{"nothing", "\r\n*0\r\n*-1\r\n" + command("PING"), "+PONG\r\n", nil},
		{"set and get", command("SET", "k", "value") + command("GET", "k") + command("SET", "k", "v") + command("GET", "k") + command("DEL", "k") + command("GET", "k") + command("DEL", "k"),
			"+OK\r\n$5\r\nvalue\r\n+OK\r\n$1\r\nv\r\n:1\r\n$-1\r\n:0\r\n", nil},
		{"greetings", command("HELLO", "3") + command("HELLO", "2") + command("COMMAND", "DOCS") + command("CLIENT", "SETINFO", "LIB-NAME", "x") + command("SELECT", "0") + command("CONFIG", "GET", "save"),
			"-NOPROTO unsupported protocol version\r\n*6\r\n$6\r\nserver\r\n$9\r\nconnbench\r\n$5\r\nproto\r\n:2\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n*0\r\n+OK\r\n+OK\r\n*2\r\n$4\r\nsave\r\n$0\r\n\r\n", nil},
		{"unknown", command("FLY", "high") + command("PING"), "-ERR unknown command 'FLY'\r\n+PONG\r\n", nil},
		{"long and dirty", command("a\r\nb" + strings.Repeat("c", 9)), "-ERR unknown command 'a  bccccccccc'\r\n", nil},
		{"too few", command("GET") + command("SET", "k"), "-ERR wrong number of arguments for 'get' command\r\n-ERR wrong number of arguments for 'set' command\r\n", nil},
		{"options", command("SET", "k", "v", "NX"), "-ERR syntax error\r\n", nil},
		{"quit", command("QUIT") + command("PING"), "+OK\r\n", ErrClose},
		{"empty value", command("SET", "k", "") + command("GET", "k"), "+OK\r\n$0\r\n\r\n", nil},

		{"no number", "*x\r\n", "-ERR Protocol error: invalid multibulk length\r\n", ErrMalformed},
		{"bare line feed", "*1\n$4\nPING\n", "-ERR Protocol error: invalid multibulk length\r\n", ErrMalformed},
		{"leading zero", "*01\r\n$4\r\nPING\r\n", "-ERR Protocol error: invalid multibulk length\r\n", ErrMalformed},
		{"endless number", "*" + strings.Repeat("1", 100), "-ERR Protocol error: invalid multibulk length\r\n", ErrMalformed},
		{"no bulk", "*1\r\n:4\r\n", "-ERR Protocol error: expected '$'\r\n", ErrMalformed},
		{"negative bulk", "*1\r\n$-1\r\n", "-ERR Protocol error: invalid bulk length\r\n", ErrMalformed},
		{"bulk longer than it says", "*1\r\n$3\r\nPING\r\n", "-ERR Protocol error: invalid bulk length\r\n", ErrMalformed},
		{"quotes", "SET a \"b c\"\r\n", "-ERR Protocol error: unbalanced quotes in request\r\n", ErrMalformed},
		{"after others", command("PING") + "*1\r\n!\r\n", "+PONG\r\n-ERR Protocol error: expected '$'\r\n", ErrMalformed},

		{"too many", "*1025\r\n", "-ERR Protocol error: invalid multibulk length\r\n", ErrTooLong},
		{"too long", "*1\r\n$101\r\n", "-ERR Protocol error: invalid bulk length\r\n", ErrTooLong},
		{"far too long", "*1\r\n$99999999999\r\n", "-ERR Protocol error: invalid bulk length\r\n", ErrTooLong},
		{"endless inline", strings.Repeat("x", mostInline+1), "-ERR Protocol error: too big inline request\r\n", ErrTooLong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range []int{1, 2, 3, 7, 1 << 20} {
				got, partial, err := serve(openRESP(Options{MaxPayload: 100}), []byte(tt.stream), size, 100)
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
func TestRESPLimits(t *testing.T) {
	c := openRESP(Options{MaxPayload: 100})
	value := strings.Repeat("v", 60)
	got, _, err := serve(c, []byte(command("SET", "k", value)+command("GET", "k")+command("GET", "k")), 1<<20, 100)
	want := "+OK\r\n$60\r\n" + value + "\r\n-ERR replies to what has come together are longer than the maximum\r\n"
	if !errors.Is(err, ErrTooLong) || got != want {
		t.Errorf("%q, %v", got, err)
	}
	var s store
	s.open()
	s.held.Store(mostStored - storedBeside - 5)
	if !s.set([]byte("kk"), nil, []byte("123")) || s.set([]byte("k"), nil, nil) || !s.set([]byte("kk"), []byte("3"), []byte("21")) {
		t.Error("a store does not hold as much as it may, or more")
	}
	if s.remove([]byte("kk")) != 1 || s.held.Load() != mostStored-storedBeside-5 {
		t.Errorf("%d bytes held after all", s.held.Load())
	}
}

func TestRESPAllocates(t *testing.T) {
	c := openRESP(Options{MaxPayload: 1000})
	checkAllocations(t, c, command("SET", "k", "value")+command("GET", "k")+command("ECHO", "x")+"PING\r\n")
}

func TestLine(t *testing.T) {
	for _, size := range []int{1, 2, 5, 100} {
		got, partial, err := serve(&line{5}, []byte("one\n\ntwo\r\nabcde\nrest"), size, 100)
		if got != "one\n\ntwo\r\nabcde\n" || !partial || err != nil {
			t.Errorf("chunks of %d: %q, %v, %v", size, got, partial, err)
		}
		if got, _, err := serve(&line{5}, []byte("one\nabcdef\n"), size, 100); got != "one\n" || !errors.Is(err, ErrTooLong) {
			t.Errorf("chunks of %d: %q, %v", size, got, err)
		}
	}
}

// FuzzText has the codecs of text answer alike however a stream is cut.
func FuzzText(f *testing.F) {
	f.Add([]byte(command("SET", "k", "v")+"PING\r\n"), uint8(3), true)
	f.Add([]byte("one\ntwo\n"), uint8(2), false)
	f.Fuzz(func(t *testing.T, stream []byte, size uint8, commands bool) {
		open := func() Codec {
			if commands {
				return openRESP(Options{MaxPayload: 100})
			}
			return &line{100}
		}
		whole, partial, err := serve(open(), stream, 1<<20, 1<<20)
		cut, cutPartial, cutErr := serve(open(), stream, 1+int(size), 1<<20)
		if whole != cut || (err == nil) != (cutErr == nil) || err == nil && partial != cutPartial {
			t.Fatalf("at once %q, %v, %v; in chunks of %d %q, %v, %v", whole, partial, err, 1+int(size), cut, cutPartial, cutErr)
		}
	})
}
