package manual

import (
	"embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Completion writes what a shell is to read to complete lines of this program.
type Completion struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help is what the command's --help says beyond its flags.
func (Completion) Help() string {
	return "The script asks this program what a line can go on with: commands, flags, names of models and values of flags, " +
		"and else leaves it to the shell, which knows files. Try it with: source <(connbench completion bash)"
}

//go:embed scripts
var scripts embed.FS

// Run writes the script.
func (c Completion) Run(out io.Writer) error {
	script, err := scripts.ReadFile("scripts/" + c.Shell)
	if err != nil {
		return err
	}
	_, err = out.Write(script)
	return err
}

// Complete is what the scripts call: it writes what the last of the words may be, a line each.
type Complete struct {
	Words []string `arg:"" optional:"" passthrough:""`
}

// Run writes nothing where only the shell knows. Values are those of the flag or argument of a name.
func (c Complete) Run(parsed *kong.Context, out io.Writer, values Values) error {
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	for _, line := range Candidates(parsed.Model, words, values) {
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	return nil
}

// Values are what a flag or an argument takes, by its name; none where that is not a few words.
type Values func(name string) []string

// Candidates are what the last of the words that stand behind the program's name may be, in the
// order of the help. Of a list with commas the last element is completed. A word that is = stands
// between a flag and its value, as bash has it.
func Candidates(app *kong.Application, words []string, values Values) []string {
	if len(words) == 0 {
		words = []string{""}
	}
	l := &line{node: app.Node, values: values}
	last := len(words) - 1
	for _, word := range words[:last] {
		l.take(word)
	}
	return l.candidates(words[last])
}

// line is how far a command line has been read.
type line struct {
	node   *kong.Node
	values Values
	flag   *kong.Flag // that the next word is the value of; nil for none
	given  int        // arguments of the command
	plain  bool       // behind --, where nothing is a flag
}

// take reads a word that is complete.
func (l *line) take(word string) {
	switch name, _, valued := strings.Cut(word, "="); {
	case l.flag != nil:
		if word != "=" {
			l.flag = nil
		}
	case word == "--":
		l.plain = true
	case !l.plain && strings.HasPrefix(word, "-"):
		if f := l.named(name); f != nil && !valued && !f.IsBool() {
			l.flag = f
		}
	default:
		if child := l.child(word); child != nil {
			l.node, l.given = child, 0
			return
		}
		l.given++
	}
}

func (l *line) child(name string) *kong.Node {
	for _, child := range l.node.Children {
		if child.Name == name {
			return child
		}
	}
	return nil
}

// flags are those that may be given here.
func (l *line) flags() []*kong.Flag { return slices.Concat(l.node.AllFlags(true)...) }

func (l *line) named(word string) *kong.Flag {
	for _, f := range l.flags() {
		if word == "--"+f.Name || f.Short != 0 && word == "-"+string(f.Short) {
			return f
		}
	}
	return nil
}

// candidates are what a word that is not complete may be.
func (l *line) candidates(word string) []string {
	name, value, valued := strings.Cut(word, "=")
	switch {
	case l.flag != nil && word == "=":
		return l.valuesOf(l.flag.Value, "", "=")
	case l.flag != nil:
		return l.valuesOf(l.flag.Value, word, "")
	case !l.plain && valued && strings.HasPrefix(word, "-"):
		if f := l.named(name); f != nil {
			return l.valuesOf(f.Value, value, name+"=")
		}
		return nil
	case !l.plain && strings.HasPrefix(word, "-"):
		var all []string
		for _, f := range l.flags() {
			all = append(all, "--"+f.Name)
		}
		return beginning(all, word, "")
	}
	var all []string
	for _, child := range l.node.Children {
		if !child.Hidden {
			all = append(all, child.Name)
		}
	}
	found := beginning(all, word, "")
	if l.given < len(l.node.Positional) {
		found = append(found, l.valuesOf(l.node.Positional[l.given], word, "")...)
	}
	return found
}

// valuesOf are those of a flag or an argument that begin with the word, behind a prefix.
func (l *line) valuesOf(v *kong.Value, word, prefix string) []string {
	var all []string
	if v.Tag.Enum != "" {
		all = v.EnumSlice()
	} else if all = l.values(v.Name); all == nil && v.IsBool() {
		all = []string{"true", "false"}
	}
	if v.IsSlice() {
		done := strings.LastIndexByte(word, ',') + 1
		prefix, word = prefix+word[:done], word[done:]
	}
	return beginning(all, word, prefix)
}

func beginning(all []string, word, prefix string) []string {
	var some []string
	for _, s := range all {
		if strings.HasPrefix(s, word) {
			some = append(some, prefix+s)
		}
	}
	return some
}
