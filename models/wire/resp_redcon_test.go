package wire

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/redcon"
)

// errTheirs is of a reader that panics.
var errTheirs = errors.New("redcon panics")

// redconCommand is a stream's first command as redcon reads it, and how long that is, 0 where it is
// not whole. What is in an inline command is cut at its other white space too, as Redis does.
func redconCommand(b []byte) (n int, args [][]byte, err error) {
	defer func() {
		if p := recover(); p != nil { // $-2 of an argument
			n, args, err = 0, nil, fmt.Errorf("%w: %v", errTheirs, p)
		}
	}()
	complete, args, kind, rest, err := redcon.ReadNextCommand(b, nil)
	if err != nil || !complete {
		return 0, nil, err
	}
	if kind == redcon.Telnet {
		args = bytes.FieldsFunc(bytes.Join(args, space), isSpace)
	}
	return len(b) - len(rest), args, nil
}

// sameWords reports whether the codec finds those words in a whole command; it looks at the first of
// them, and at their number.
func sameWords(request []byte, theirs [][]byte) bool {
	var ours [mostWords][]byte
	n := words(request, &ours)
	few := min(n, mostWords)
	return n == len(theirs) && slices.EqualFunc(ours[:few], theirs[:few], bytes.Equal)
}

// otherThanRedcon names what is on purpose not as in redcon at a stream's beginning, of which the
// codec says err; it is empty for nothing. In all of it the codec is as Redis is, but for its limits and the quotes.
func otherThanRedcon(b []byte, err error) string {
	line, _, _ := bytes.Cut(b, []byte{'\n'})
	switch {
	case b[0] == '$':
		return "redcon speaks another protocol too, which begins so"
	case errors.Is(err, ErrTooLong):
		return "redcon has no limits"
	case b[0] != '*' && bytes.ContainsAny(line, `"'`):
		return "redcon takes quotes"
	case bytes.HasPrefix(b, []byte("*-")):
		return "less than no arguments are none"
	case unusualNumber(b, '*') || unusualNumber(b, '$'):
		return "redcon takes numbers that begin with zeros, and negative lengths"
	}
	return ""
}

// unusualNumber reports whether a line has a sign and then a number as nobody writes it: with a zero
// before others, negative, or longer than any that is allowed.
func unusualNumber(b []byte, sign byte) bool {
	for line := range bytes.SplitSeq(b, []byte{'\n'}) {
		digits, is := bytes.CutPrefix(line, []byte{sign})
		digits = bytes.TrimSuffix(digits, []byte{'\r'})
		if is && (len(digits) > 1 && digits[0] == '0' || len(digits) > mostNumber-3 || bytes.HasPrefix(digits, []byte{'-'}) || bytes.HasPrefix(digits, []byte{'+'})) {
			return true
		}
	}
	return false
}

// FuzzRESPCommands holds the codec against redcon: both find the same commands in a stream, with the
// same words, and refuse the same, but for the differences that have a name above.
func FuzzRESPCommands(f *testing.F) {
	for _, seed := range []string{
		command("SET", "k", "v") + "PING\r\n" + command("GET", "k"),
		command("ECHO", "a\r\nb") + "set  a\tb \n\r\n*0\r\n",
		"*1\r\n$4\r\nPI", "*2\r\n$1\r\na\r\n:1\r\n", "*1\r\n$3\r\nPING\r\n", "*1\n$4\nPING\n", "*x\r\n",
		"*-1\r\n", "*01\r\n$4\r\nPING\r\n", "*1\r\n$-2\r\n", "$4 PING\r\n", "set a 'b c'\r\n", "*1025\r\n", "get \u2003\u0085k\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		c := openRESP(Options{MaxPayload: 1000})
		for b := stream; len(b) > 0; {
			var p Progress
			n, err := c.Next(b, &p)
			theirs, args, theirErr := redconCommand(b)
			switch {
			case otherThanRedcon(b, err) != "":
				if err != nil || n > len(b) {
					return
				}
			case err != nil:
				if theirErr == nil && theirs > 0 {
					t.Fatalf("%q: refused with %v, redcon has %q", b, err, args)
				}
				return
			case n > len(b):
				if theirErr != nil || theirs > 0 {
					t.Fatalf("%q: not whole, redcon has %q, %v", b, args, theirErr)
				}
				return
			case theirErr != nil || theirs != n || !sameWords(b[:n], args):
				t.Fatalf("%q: a command of %d bytes; redcon has one of %d, %q, %v", b, n, theirs, args, theirErr)
			}
			b = b[n:]
		}
	})
}

// redconReply is a stream's first reply as redcon reads it: its length, 0 where it is not whole or
// none, what its bulk strings have, whether it is an error, and whether something is missing in it.
func redconReply(b []byte) (n int, a Answer, payload string) {
	defer func() {
		if p := recover(); p != nil { // a length that is higher than there are numbers for
			n, a, payload = 0, Answer{}, ""
		}
	}()
	n, reply := redcon.ReadNextRESP(b)
	if n == 0 {
		return 0, a, ""
	}
	var look func(redcon.RESP)
	look = func(r redcon.RESP) {
		switch {
		case r.Type == redcon.Error:
			a.Failed = true
		case bytes.HasPrefix(r.Raw, []byte("$-")), bytes.HasPrefix(r.Raw, []byte("*-")):
			a.Missing = true
		case r.Type == redcon.Bulk:
			payload += string(r.Data)
		case r.Type == redcon.Array:
			r.ForEach(func(one redcon.RESP) bool { look(one); return true })
		}
	}
	look(reply)
	return n, a, payload
}

// FuzzRESPAnswer holds the reader of replies against redcon's: what is whole to one is to the other,
// as long, and says the same. Lengths as no server writes them are none here.
func FuzzRESPAnswer(f *testing.F) {
	for _, seed := range []string{
		"+OK\r\n:12\r\n$5\r\nhello\r\n$0\r\n\r\n$-1\r\n-ERR no\r\n", "*2\r\n$1\r\na\r\n*2\r\n:-1\r\n+x\r\n*0\r\n*-1\r\n",
		":9223372036854775807\r\n:-9223372036854775808\r\n:007\r\n", ":\r\n", ":1x\r\n", "$1\r\nabc", "$01\r\na\r\n", "$+1\r\na\r\n", "$9223372036854775807\r\n", "*1\r\n-ERR\r\n", "+OK\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		for b := stream; len(b) > 0; {
			var a Answer
			var payload strings.Builder
			at := 0
			var err error
			for n := -1; n != 0 && !a.Done && at < len(b) && err == nil; {
				var part []byte
				n, part, err = respAnswers{}.Read(b[at:], &a)
				payload.Write(part)
				at += n
			}
			n, theirs, said := redconReply(b)
			switch {
			case (err != nil || !a.Done) && n == 0:
				return
			case unusualNumber(b, '$') || unusualNumber(b, '*'):
				return
			case err != nil || !a.Done || n != at:
				t.Fatalf("%q: %+v after %d bytes, %v; redcon has a reply of %d", b, a, at, err, n)
			case a.Failed != theirs.Failed || a.Missing != theirs.Missing || payload.String() != said:
				t.Fatalf("%q: %+v with %q, redcon has %+v with %q", b[:n], a, payload.String(), theirs, said)
			}
			b = b[n:]
		}
	})
}
