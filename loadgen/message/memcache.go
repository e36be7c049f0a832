package message

import (
	"slices"
	"strconv"
	"strings"

	"connbench/models/wire"
)

// A command of memcached is said in the words of its line. One that stores something has
// {payload} for its last word, which goes into the line below and leaves its length; flags and
// time of expiry, both 0, are put in where only the key is given: of 'set key:{n} {payload}' with
// 64 bytes comes "set key:000000000042 0 0 64".

var storing = []string{"set", "add", "replace", "append", "prepend"}

// memcacheShape has the command's words in a line, and the payload behind it if there is one.
func (l *Layout) memcacheShape(r *Request) {
	l.reads.reader = wire.Answers(r.Framing, false)
	l.filled(r)
	words := strings.Fields(r.command())
	body := ""
	if last := len(words) - 1; words[last] == payloadMark {
		if words = words[:last]; len(words) == 2 {
			words = append(words, "0", "0")
		}
		words = append(words, strconv.Itoa(r.PayloadBytes))
		body = payloadMark + "\r\n"
	}
	l.parts(r, strings.Join(words, " ")+"\r\n"+body)
}

func validMemcache(command string) bool {
	words := strings.Fields(command)
	if len(words) == 0 || strings.ContainsFunc(command, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return false
	}
	last := words[len(words)-1]
	stores := slices.Contains(storing, words[0])
	switch {
	case strings.Count(command, keyMark) > 1, last == "noreply", words[0] == "quit": // nobody would answer
		return false
	case strings.Count(command, payloadMark) != strings.Count(last, payloadMark), strings.Contains(command, payloadMark) != stores:
		return false
	case stores:
		return last == payloadMark && (len(words) == 3 || len(words) == 5)
	}
	return true
}
