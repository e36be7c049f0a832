package profile

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
	"github.com/prometheus/procfs"
)

type layout struct {
	family  *family
	areas   map[int][]area // by process, the latest last
	objects map[string]*object
	kernel  *object // once it has been needed
}

type area struct {
	start, end, offset uint64
	path               string // "" of none
}

// look adds what is mapped now in the members that live.
func (m *layout) look() {
	for _, pid := range m.family.members() {
		p, err := procfs.NewProc(pid)
		if err != nil {
			continue
		}
		mapped, _ := p.ProcMaps()
		for _, a := range mapped {
			if a.Perms.Execute {
				m.areas[pid] = append(m.areas[pid], area{uint64(a.StartAddr), uint64(a.EndAddr), uint64(a.Offset), a.Pathname})
			}
		}
	}
}

func (m *layout) mapped(body []byte) {
	f := fields(body)
	pid, _ := int(f.uint32()), f.uint32()
	a := area{start: f.uint64()}
	a.end, a.offset = a.start+f.uint64(), f.uint64()
	path, _, _ := bytes.Cut(f, []byte{0})
	if !bytes.HasPrefix(path, []byte("//")) { // which is of no file
		a.path = string(path)
	}
	m.areas[pid] = append(m.areas[pid], a)
}

// find is where an address of a process is, or of the one that it was forked from.
func (m *layout) find(pid int, address uint64) (a area, found bool) {
	for _, pid := range m.family.lineage(pid) {
		for _, a := range slices.Backward(m.areas[pid]) {
			if a.start <= address && address < a.end {
				return a, true
			}
		}
	}
	return a, false
}

// stack is a sample's, the innermost function first.
func (m *layout) stack(b *builder, s sampled) []*profile.Location {
	var stack []*profile.Location
	for i, address := range s.kernel {
		stack = append(stack, m.inKernel(b, before(i, address)))
	}
	for i, address := range s.user {
		l := m.inProcess(b, s.pid, before(i, address))
		switch {
		case l != nil:
			stack = append(stack, l)
		case i == 0:
			stack = append(stack, b.location(codeAddress{name: "[unknown]"}, func() frame { return frame{function: "[unknown]"} }))
		default:
			return stack // code without frame pointers has led astray
		}
	}
	return stack
}

// before is in the call from which an outer function's address returns.
func before(i int, address uint64) uint64 {
	if i == 0 || address == 0 {
		return address
	}
	return address - 1
}

func (m *layout) inKernel(b *builder, address uint64) *profile.Location {
	if m.kernel == nil {
		m.kernel = &object{mapping: &profile.Mapping{File: "[kernel.kallsyms]", HasFunctions: true}, name: "kernel"}
		if f, err := os.Open("/proc/kallsyms"); err == nil {
			m.kernel.symbols = parseKallsyms(f)
			f.Close()
		}
		if s := m.kernel.symbols; len(s) > 0 {
			m.kernel.mapping.Start, m.kernel.mapping.Limit = s[0].start, s[len(s)-1].end
		}
	}
	return b.location(codeAddress{m.kernel.mapping, address, ""}, func() frame { return m.kernel.at(address) })
}

// inProcess is nil for an address at which there is no code.
func (m *layout) inProcess(b *builder, pid int, address uint64) *profile.Location {
	a, found := m.find(pid, address)
	if !found {
		return nil
	}
	o := m.objects[a.path]
	if o == nil {
		o = readObject(cmp.Or(strings.TrimSuffix(a.path, " (deleted)"), "[anonymous]"), files(pid, a)...)
		if program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); err == nil && program == a.path {
			o.name = threadName(pid, pid) // not of what a link leads to, as redis-server does
		}
		m.objects[a.path] = o
	}
	at := o.virtual(address - a.start + a.offset)
	return b.location(codeAddress{o.mapping, at, ""}, func() frame { return o.at(at) })
}

// files are where what is mapped can be read: also if it has been deleted, or if the process
// has another root.
func files(pid int, a area) []string {
	if !strings.HasPrefix(a.path, "/") {
		return nil
	}
	return []string{
		fmt.Sprintf("/proc/%d/map_files/%x-%x", pid, a.start, a.end),
		fmt.Sprintf("/proc/%d/root%s", pid, a.path),
		a.path,
	}
}

// threadName is what a thread that lives is called, else "".
func threadName(pid, tid int) string {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/comm", pid, tid))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(name))
}
