package sweep

import (
	"errors"
	"fmt"
	"strings"
)

var errQuote = errors.New("a quotation mark without its other one")

// splitWords splits a command into words at spaces, as a shell would: what is in
// single quotes stays as it is; in double quotes a backslash only keeps ", \, $ and `
// from being special; elsewhere it keeps any character. There is no shell, so what
// one would do with an unquoted operator, variable or pattern is refused rather
// than passed on as a word.
func splitWords(command string) ([]string, error) {
	var words []string
	rest := strings.TrimLeft(command, spaces)
	for rest != "" {
		word, after, err := firstWord(rest)
		if err != nil {
			return nil, err
		}
		words = append(words, word)
		rest = strings.TrimLeft(after, spaces)
	}
	return words, nil
}

const (
	spaces    = " \t\n\r"
	operators = "|&;<>()$`*?~"
)

// firstWord takes the word off the front of rest, which begins with no space.
func firstWord(rest string) (word, after string, err error) {
	var b strings.Builder
	for i := 0; i < len(rest); {
		switch c := rest[i]; {
		case strings.IndexByte(spaces, c) >= 0:
			return b.String(), rest[i:], nil
		case c == '\'' || c == '"':
			n, err := quoted(&b, rest[i:])
			if err != nil {
				return "", "", err
			}
			i += n
		case c == '\\':
			if i+1 == len(rest) {
				return "", "", errors.New("a backslash with nothing behind it")
			}
			b.WriteByte(rest[i+1])
			i += 2
		case strings.IndexByte(operators, c) >= 0:
			return "", "", fmt.Errorf("%q outside of quotes: no shell reads this; quote it, or write sh -c '...'", c)
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String(), "", nil
}

// quoted writes what is in the quotation that text begins with, and returns its
// length with both marks.
func quoted(b *strings.Builder, text string) (int, error) {
	mark := text[0]
	for i := 1; i < len(text); i++ {
		c := text[i]
		if c == mark {
			return i + 1, nil
		}
		if c == '\\' && mark == '"' && i+1 < len(text) && strings.IndexByte("\"\\$`", text[i+1]) >= 0 {
			i++
			c = text[i]
		}
		b.WriteByte(c)
	}
	return 0, errQuote
}
