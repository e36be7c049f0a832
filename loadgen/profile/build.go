package profile

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/pprof/profile"
)

type builder struct {
	profile   *profile.Profile
	locations map[codeAddress]*profile.Location
}

type codeAddress struct {
	mapping *profile.Mapping
	address uint64
	name    string // of one without an address
}

func newBuilder(period time.Duration) *builder {
	cpu := &profile.ValueType{Type: "cpu", Unit: "nanoseconds"}
	return &builder{
		profile: &profile.Profile{
			SampleType:        []*profile.ValueType{{Type: "samples", Unit: "count"}, cpu},
			DefaultSampleType: cpu.Type,
			PeriodType:        cpu,
			Period:            int64(period),
		},
		locations: map[codeAddress]*profile.Location{},
	}
}

// location is the one for an address in an object, whose function resolve finds.
func (b *builder) location(at codeAddress, resolve func() frame) *profile.Location {
	if l := b.locations[at]; l != nil {
		return l
	}
	if m := at.mapping; m != nil && m.ID == 0 {
		b.profile.Mapping = append(b.profile.Mapping, m)
		m.ID = uint64(len(b.profile.Mapping))
	}
	f, id := resolve(), uint64(len(b.locations)+1)
	function := &profile.Function{ID: id, Name: f.function, SystemName: f.function, Filename: f.file}
	l := &profile.Location{ID: id, Mapping: at.mapping, Address: at.address, Line: []profile.Line{{Function: function, Line: int64(f.line)}}}
	b.locations[at] = l
	b.profile.Location, b.profile.Function = append(b.profile.Location, l), append(b.profile.Function, function)
	return l
}

// add counts samples of a stack, the innermost first, in a thread of that name, "" for one
// that is not known.
func (b *builder) add(stack []*profile.Location, thread string, count int64) {
	s := &profile.Sample{Location: stack, Value: []int64{count, count * b.profile.Period}}
	if thread != "" {
		s.Label = map[string][]string{"thread": {thread}}
	}
	b.profile.Sample = append(b.profile.Sample, s)
}

// FromFolded makes a profile of samples by their stacks, whose functions are separated by
// semicolons, the innermost last, as flame graphs are drawn from. A sample stands for period.
// Stacks without a function and counts below 1 are left out.
func FromFolded(stacks map[string]int64, period time.Duration) *profile.Profile {
	b := newBuilder(period)
	for _, folded := range slices.Sorted(maps.Keys(stacks)) {
		count := stacks[folded]
		if count < 1 {
			continue
		}
		var stack []*profile.Location
		for name := range strings.SplitSeq(folded, ";") {
			if name != "" {
				stack = append(stack, b.location(codeAddress{name: name}, func() frame { return frame{function: name} }))
			}
		}
		slices.Reverse(stack)
		if len(stack) > 0 {
			b.add(stack, "", count)
		}
	}
	return b.profile
}
