package flame

import (
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// folded is a profile of stacks that are written with the innermost function last, and their
// milliseconds. A function of another file is written file!function.
func folded(stacks map[string]int64) *profile.Profile {
	p := &profile.Profile{SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}}}
	mappings := map[string]*profile.Mapping{}
	locations := map[string]*profile.Location{}
	var names []string
	for stack := range stacks {
		names = append(names, stack)
	}
	slices.Sort(names)
	for _, stack := range names {
		s := &profile.Sample{Value: []int64{1, stacks[stack] * 1e6}}
		for name := range strings.SplitSeq(stack, ";") {
			l := locations[name]
			if l == nil {
				file, function, has := strings.Cut(name, "!")
				if !has {
					file, function = "connbench", name
				}
				m := mappings[file]
				if m == nil {
					m = &profile.Mapping{ID: uint64(len(mappings) + 1), File: "/opt/" + file}
					mappings[file] = m
					p.Mapping = append(p.Mapping, m)
				}
				f := &profile.Function{ID: uint64(len(locations) + 1), Name: function}
				l = &profile.Location{ID: f.ID, Mapping: m, Line: []profile.Line{{Function: f}}}
				locations[name] = l
				p.Location, p.Function = append(p.Location, l), append(p.Function, f)
			}
			s.Location = append(s.Location, l)
		}
		slices.Reverse(s.Location)
		p.Sample = append(p.Sample, s)
	}
	return p
}

// reactor is what an event loop in Go may come to.
func reactor() *profile.Profile {
	const loop = "main.main;connbench/models/readiness.(*loop).run;"
	return folded(map[string]int64{
		loop + "connbench/models/readiness.(*conn).read;golang.org/x/sys/unix.Read;internal/runtime/syscall/linux.Syscall6;[kernel.kallsyms]!entry_SYSCALL_64;[kernel.kallsyms]!tcp_recvmsg":   420,
		loop + "connbench/models/readiness.(*conn).write;golang.org/x/sys/unix.Write;internal/runtime/syscall/linux.Syscall6;[kernel.kallsyms]!entry_SYSCALL_64;[kernel.kallsyms]!tcp_sendmsg": 910,
		loop + "connbench/models/wire.(*Cutter).Next;encoding/binary.bigEndian.Uint32":                                                                                                         61,
		loop + "runtime.mallocgc": 22,
		loop + "connbench/models/readiness.(*loop).wait;golang.org/x/sys/unix.EpollWait": 133,
		"runtime.mcall;runtime.park_m;runtime.schedule":                                  84,
		"runtime.bgsweep": 1,
	})
}
