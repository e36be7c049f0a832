package sweep

import (
	"slices"
	"strings"
	"testing"
)

func TestSplitWords(t *testing.T) {
	for command, want := range map[string][]string{
		"":                            nil,
		" \t\n":                       nil,
		"a":                           {"a"},
		" a  b\tc\n":                  {"a", "b", "c"},
		"ünï cødé":                    {"ünï", "cødé"},
		`a'b c'd "e f"g`:              {"ab cd", "e fg"},
		`'' "" a`:                     {"", "", "a"},
		`'"' "'"`:                     {`"`, `'`},
		`'\' "\\" "\"" "\a" "\$x"`:    {`\`, `\`, `"`, `\a`, `$x`},
		`a\ b \" \' \\ \|`:            {"a b", `"`, `'`, `\`, "|"},
		`sh -c 'exec x <&- | y $1'`:   {"sh", "-c", "exec x <&- | y $1"},
		`x --to={addr} [1] {a,b} #no`: {"x", "--to={addr}", "[1]", "{a,b}", "#no"},
		"a=1 b:2 c@d %e ^f !g":        {"a=1", "b:2", "c@d", "%e", "^f", "!g"},
	} {
		if got, err := splitWords(command); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v; want %q", command, got, err, want)
		}
	}
	for command, says := range map[string]string{
		"a 'b":     "quotation",
		`a "b`:     "quotation",
		`a "b\"`:   "quotation",
		`a \`:      "backslash",
		"a | b":    `'|' outside of quotes`,
		"a >f":     `'>' outside of quotes`,
		"a $HOME":  `'$' outside of quotes`,
		"~/bin/a":  `'~' outside of quotes`,
		"a; b":     `';' outside of quotes`,
		"a b&":     `'&' outside of quotes`,
		"a `b`":    "outside of quotes",
		"ls *.txt": `'*' outside of quotes`,
	} {
		if got, err := splitWords(command); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %q, %v", command, got, err)
		}
	}
}

// Words in single quotes are read back as they are.
func FuzzSplitWords(f *testing.F) {
	for _, command := range []string{"", "a b", `a'b c'd`, `"\""`, `\`, "'", "a|b", "\x00 \xff"} {
		f.Add(command)
	}
	f.Fuzz(func(t *testing.T, command string) {
		words, err := splitWords(command)
		if err != nil {
			return
		}
		var again strings.Builder
		for _, w := range words {
			again.WriteString(" '" + strings.ReplaceAll(w, "'", `'\''`) + "'")
		}
		read, err := splitWords(again.String())
		if err != nil || !slices.Equal(read, words) {
			t.Errorf("%q is %q, which quoted is %q, read as %q, %v", command, words, &again, read, err)
		}
	})
}
