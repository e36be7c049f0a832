package process

import (
	"strconv"
	"strings"
	"unicode"
)

// maxPlain bounds what is quoted of a program, in characters.
const maxPlain = 1000

// Plain is what a program said as one line that can be shown anywhere: spaces of all
// kinds are one, what cannot be printed is escaped as Go does, bytes that are no UTF-8
// are replaced, and of a long text only the end is left.
func Plain(said string) string {
	var b strings.Builder
	for i, word := range strings.Fields(strings.ToValidUTF8(said, string(unicode.ReplacementChar))) {
		if i > 0 {
			b.WriteByte(' ')
		}
		for _, r := range word {
			if unicode.IsPrint(r) {
				b.WriteRune(r)
				continue
			}
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	text := []rune(b.String())
	if n := len(text) - maxPlain; n > 0 {
		return "…" + string(text[n:])
	}
	return string(text)
}
