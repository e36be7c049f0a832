package sweep

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ReadPlan reads a plan as YAML over the fields of p. An error says for each
// thing that is wrong in which line of the file it is; name is the file's.
func (p *Plan) ReadPlan(r io.Reader, name string) error {
	d := yaml.NewDecoder(r)
	d.KnownFields(true)
	err := d.Decode(p)
	if err == nil || errors.Is(err, io.EOF) {
		return nil
	}
	complaints := []string{err.Error()}
	if several := (*yaml.TypeError)(nil); errors.As(err, &several) {
		complaints = several.Errors
	}
	for i, c := range complaints {
		complaints[i] = complaint(name, c)
	}
	return errors.New(strings.Join(complaints, "; "))
}

// What the parser says, and what a writer of plans, who knows no Go, is told.
var (
	placed     = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
	unknownKey = regexp.MustCompile(`^field (.*) not found in type .*$`)
	wrongType  = regexp.MustCompile("^cannot unmarshal !!(\\w+)(?: `(.*)`)? into (\\S+)$")
)

var plainTypes = map[string]string{
	"int":               "a whole number",
	"uint64":            "a whole number, at least 0",
	"string":            "a text",
	"[]int":             "a list like [1, 16]",
	"[]string":          "a list like [goroutine, pool]",
	"[]Size":            "a list like [64B, 4KiB]",
	"map[string]string": "a map like {backlog: 16}",

	"Plan":  "a plan, which is lines of key: value",
	"!!map": "a map",
	"!!seq": "a list",
}

// complaint is one of the parser's, in plain words and with its place.
func complaint(file, said string) string {
	place := file
	if m := placed.FindStringSubmatch(said); m != nil {
		place, said = file+":"+m[1], m[2]
	}
	if m := unknownKey.FindStringSubmatch(said); m != nil {
		said = fmt.Sprintf("unknown key %q", m[1])
	}
	if m := wrongType.FindStringSubmatch(said); m != nil {
		is := fmt.Sprintf("%q", m[2])
		if m[2] == "" {
			is = plain("!!" + m[1])
		}
		said = fmt.Sprintf("%s is not %s", is, plain(strings.ReplaceAll(m[3], "sweep.", "")))
	}
	return place + ": " + strings.TrimPrefix(said, "yaml: ")
}

func plain(t string) string {
	if p, ok := plainTypes[t]; ok {
		return p
	}
	return t
}

// UnmarshalYAML is UnmarshalText with the line in the error.
func (s *Size) UnmarshalYAML(n *yaml.Node) error {
	return placedError(n, s.UnmarshalText([]byte(n.Value)))
}

// UnmarshalYAML is UnmarshalText with the line in the error.
func (d *Duration) UnmarshalYAML(n *yaml.Node) error {
	return placedError(n, d.UnmarshalText([]byte(n.Value)))
}

func placedError(n *yaml.Node, err error) error {
	if err == nil {
		return nil
	}
	return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: %v", n.Line, err)}}
}
