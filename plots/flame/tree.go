package flame

import (
	"fmt"
	"maps"
	"math"
	"path"
	"slices"
	"strings"
	"unicode"

	"connbench/results"
	"connbench/results/read"

	"github.com/google/pprof/profile"
)

// What is too small to be seen is not drawn.
const (
	leastShare = 0.001 // of all
	mostDeep   = 250   // functions in a stack
	mostRunes  = 300   // of a name
)

// frame is a function where it was called from.
type frame struct {
	name         string
	kind         *kind
	start, value int64 // of the axis, in ns
	depth        int
	children     map[string]*frame
}

// graph is the stacks of a profile as a tree.
type graph struct {
	root  *frame
	inGo  bool     // the program is in Go
	drawn []*frame // each before what it calls
	left  int      // frames that are not drawn
	lost  int64    // ns of these
	deep  int      // rows
	cut   bool     // stacks had more functions than are kept
}

func newGraph(p *profile.Profile) (*graph, error) {
	g := &graph{root: &frame{name: "all", kind: &rootKind}, inGo: read.InGo(p)}
	value := cpuTime(p)
	for _, s := range p.Sample {
		if value < 0 || len(s.Value) <= value || s.Value[value] <= 0 {
			continue
		}
		if s.Value[value] > math.MaxInt64-g.root.value {
			return nil, errTooLong
		}
		g.add(s, s.Value[value])
	}
	if g.root.value <= 0 {
		return nil, ErrEmpty
	}
	g.lay(g.root, 0)
	return g, nil
}

// cpuTime is the place of it among the values of a profile's samples, -1 for none.
func cpuTime(p *profile.Profile) int {
	return slices.IndexFunc(p.SampleType, func(t *profile.ValueType) bool { return t.Type == "cpu" && t.Unit == "nanoseconds" })
}

// add adds a sample.
func (g *graph) add(s *profile.Sample, value int64) {
	g.root.value += value
	at := g.root
	for _, f := range slices.Backward(read.Frames(s)) {
		if at.depth == mostDeep {
			g.cut = true
			return
		}
		at = at.call(f, g.inGo)
		at.value += value
	}
}

// call is the frame of a function that is called from f.
func (f *frame) call(function read.Frame, inGo bool) *frame {
	name := function.Name
	if name == "" {
		name = "[unknown]"
		if function.Object != "" {
			name = "[" + strings.Trim(path.Base(function.Object), "[]") + "]"
		}
	}
	if f.children == nil {
		f.children = map[string]*frame{}
	}
	child := f.children[name]
	if child == nil {
		child = &frame{name: name, kind: &kinds[function.Owner(inGo)], depth: f.depth + 1}
		f.children[name] = child
	}
	return child
}

// lay puts a frame at a place of the axis, and what it calls below it, in the order of the names.
func (g *graph) lay(f *frame, start int64) {
	f.start = start
	g.drawn = append(g.drawn, f)
	g.deep = max(g.deep, f.depth+1)
	for _, name := range slices.Sorted(maps.Keys(f.children)) {
		child := f.children[name]
		if float64(child.value) < leastShare*float64(g.root.value) {
			g.left += child.size()
			g.lost += child.value
		} else {
			g.lay(child, start)
		}
		start += child.value
	}
}

// size is how many frames there are, f and below.
func (f *frame) size() int {
	n := 1
	for _, child := range f.children {
		n += child.size()
	}
	return n
}

func (g *graph) height() int { return g.deep * rowHeight }

// notes are on what is drawn, and what is not.
func (g *graph) notes() []string {
	notes := results.Sentences{results.Nanos(g.root.value).String() + " of CPU time in all, callers on top"}
	notes.When(g.left > 0, fmt.Sprintf("left out: %s below 0.1 %%, %s in all", results.Plural(g.left, "frame"), shareText(float64(g.lost)/float64(g.root.value))))
	notes.When(g.cut, fmt.Sprintf("stacks are cut after %d functions", mostDeep))
	return notes
}

// clean is a text that is shown as it is: in one line, not longer than can be read, and without
// what turns round or hides what stands beside it.
func clean(s string) string {
	runes := []rune(strings.ToValidUTF8(s[:min(len(s), 8*mostRunes)], "\uFFFD"))
	for i, r := range runes {
		if r != ' ' && !unicode.IsPrint(r) {
			runes[i] = ' '
		}
	}
	if len(runes) > mostRunes {
		runes = append(runes[:mostRunes-1], '…')
	}
	return string(runes)
}

// short is a function's name without the folders of its package, as there is little room.
func short(name string) string {
	head, _, _ := strings.Cut(name, "(")
	head, _, _ = strings.Cut(head, "[")
	return name[strings.LastIndexByte(head, '/')+1:]
}
