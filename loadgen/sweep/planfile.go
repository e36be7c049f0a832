package sweep

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"reflect"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// longestPlan is far beyond what anybody writes.
const longestPlan = 1 << 20

// ReadPlan reads a plan as YAML over the fields of p. An error says for each
// thing that is wrong in which line of the file it is; name is the file's.
func (p *Plan) ReadPlan(r io.Reader, name string) error {
	text, err := io.ReadAll(io.LimitReader(r, longestPlan+1))
	switch {
	case err != nil:
		return err
	case len(text) > longestPlan:
		return fmt.Errorf("%s: longer than the 1 MiB that a plan may have", name)
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err = d.Decode(p); errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		err = onlyDocument(text)
	}
	if err == nil {
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

// onlyDocument reports what the parser would take in silence: the fraction of a whole
// number, which it cuts off, and a second document, which it leaves unread.
func onlyDocument(text []byte) error {
	d := yaml.NewDecoder(bytes.NewReader(text))
	var first, second yaml.Node
	if err := d.Decode(&first); err != nil {
		return err
	}
	wrong := &yaml.TypeError{}
	for _, plan := range first.Content {
		for i := 0; i+1 < len(plan.Content); i += 2 {
			if wholeKeys[plan.Content[i].Value] {
				wrong.Errors = append(wrong.Errors, fractions(plan.Content[i+1])...)
			}
		}
	}
	if err := d.Decode(&second); err == nil {
		wrong.Errors = append(wrong.Errors, fmt.Sprintf("line %d: a second document, where a plan is one", second.Line))
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	if len(wrong.Errors) > 0 {
		return wrong
	}
	return nil
}

// fractions are complaints about the numbers of n that are not whole.
func fractions(n *yaml.Node) (complaints []string) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	for _, member := range n.Content {
		complaints = append(complaints, fractions(member)...)
	}
	var v float64
	if n.ShortTag() == "!!float" && n.Decode(&v) == nil && (v != math.Trunc(v) || math.Abs(v) > 1<<53) {
		complaints = append(complaints, fmt.Sprintf("line %d: cannot unmarshal !!float `%s` into int", n.Line, n.Value))
	}
	return complaints
}

// wholeKeys are the keys of a plan whose values are whole numbers, or lists of them.
var wholeKeys = wholeFields(reflect.TypeFor[Plan]())

func wholeFields(t reflect.Type) map[string]bool {
	keys := map[string]bool{}
	for f := range t.Fields() {
		of := f.Type
		if of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case f.Anonymous:
			maps.Copy(keys, wholeFields(f.Type))
		case of.Kind() >= reflect.Int && of.Kind() <= reflect.Uint64:
			keys[key] = true
		}
	}
	return keys
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
	"float64":           "a number",
	"[]int":             "a list like [1, 16]",
	"[]Rate":            "a list like [100, 2.5e3]",
	"[]string":          "a list like [goroutine, pool]",
	"[]Payload":         "a list like [64B, 4KiB]",
	"map[string]string": "a map like {backlog: 16}",

	"pace.Arrivals": "constant or poisson",
	"loadgen.IO":    "auto or epoll",

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
func (p *Payload) UnmarshalYAML(n *yaml.Node) error {
	return placedError(n, p.UnmarshalText([]byte(n.Value)))
}

// UnmarshalYAML is UnmarshalText with the line in the error.
func (d *Duration) UnmarshalYAML(n *yaml.Node) error {
	return placedError(n, d.UnmarshalText([]byte(n.Value)))
}

// UnmarshalYAML is UnmarshalText with the line in the error.
func (p *Percent) UnmarshalYAML(n *yaml.Node) error {
	return placedError(n, p.UnmarshalText([]byte(n.Value)))
}

func placedError(n *yaml.Node, err error) error {
	if err == nil {
		return nil
	}
	return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: %v", n.Line, err)}}
}
