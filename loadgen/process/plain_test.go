package process

import (
	"strings"
	"testing"
)

func TestPlain(t *testing.T) {
	tests := []struct{ name, said, want string }{
		{"nothing", " \n\t", ""},
		{"lines", "out of\nmemory\r\n", "out of memory"},
		{"words of any script", "größer ∞ 漢字", "größer ∞ 漢字"},
		{"a colour", "\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		{"a title for the terminal", "\x1b]0;owned\a", `\x1b]0;owned\a`},
		{"a C1 control character", "\u009b2J", `\u009b2J`},
		{"a changed direction", "a\u202eb", `a\u202eb`},
		{"no UTF-8", "a\xff\xfeb", "a\ufffdb"},
		{"a null and a backspace", "a\x00\bb", `a\x00\bb`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Plain(tt.said); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	long := Plain(strings.Repeat("ä\x1b", 5000) + "the end")
	if n := len([]rune(long)); n != maxPlain+1 || !strings.HasPrefix(long, "…") || !strings.HasSuffix(long, "the end") {
		t.Errorf("%d characters of a long text: %q", n, long)
	}
}
