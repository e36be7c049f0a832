package system

import (
	"connbench/results"
	"fmt"
	"slices"
	"strings"
)

// Cores says of CPUs which are hyperthreads of the same core, themselves among them. A CPU
// that it does not know is a core.
type Cores map[int][]int

// Pair is two CPUs.
type Pair struct{ Server, Client int }

// ReadCores reads the cores of the given CPUs. Root is that of the file system with /sys, /
// but in tests. An error is of the first CPU of which the system does not say.
func ReadCores(root string, cpus []int) (Cores, error) {
	cores := Cores{}
	for _, cpu := range cpus {
		list, err := Line(root, fmt.Sprintf("sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu))
		if err == nil {
			cores[cpu], err = ParseCPUs(list)
		}
		if err != nil {
			return nil, err
		}
	}
	return cores, nil
}

func (c Cores) half(allowed []int) []int {
	var order []int // the CPUs, those of one core together
	var ends []int  // of the cores in it
	for _, cpu := range allowed {
		if slices.Contains(order, cpu) {
			continue
		}
		order = append(order, cpu)
		for _, sibling := range c[cpu] {
			if sibling != cpu && slices.Contains(allowed, sibling) {
				order = append(order, sibling)
			}
		}
		ends = append(ends, len(order))
	}
	half := len(order) / 2
	if len(ends) > 1 {
		half = ends[len(ends)/2-1]
	}
	return slices.Sorted(slices.Values(order[:half]))
}

// without is the CPUs on cores of which the other side has taken nothing. If there are none
// it is those that are not taken, and if all are it is all.
func (c Cores) without(allowed, taken []int) []int {
	left := slices.DeleteFunc(slices.Clone(allowed), func(cpu int) bool { return slices.Contains(taken, cpu) })
	apart := slices.DeleteFunc(slices.Clone(left), func(cpu int) bool {
		return slices.ContainsFunc(c[cpu], func(sibling int) bool { return slices.Contains(taken, sibling) })
	})
	switch {
	case len(apart) > 0:
		return apart
	case len(left) > 0:
		return left
	}
	return allowed
}

func (c Cores) shared(p Placement) (pairs []Pair) {
	for _, cpu := range p.Server {
		for _, sibling := range c[cpu] {
			if sibling != cpu && slices.Contains(p.Client, sibling) {
				pairs = append(pairs, Pair{cpu, sibling})
			}
		}
	}
	return pairs
}

// SiblingsText names the pairs: "0 with 1, 2 with 3".
func (p Placement) SiblingsText() string {
	return strings.Join(results.Map(p.Siblings, func(pair Pair) string { return fmt.Sprintf("%d with %d", pair.Server, pair.Client) }), ", ")
}

// warning says that the sides are on one core; empty where they are not, and where they
// share CPUs anyway, which is said elsewhere.
func (p Placement) warning() string {
	if len(p.Siblings) == 0 || p.Shared() {
		return ""
	}
	return fmt.Sprintf("server and client are on hyperthreads of the same core (CPU %s), where they slow each other by up to half: "+
		"give each whole cores, by --server-cpus and --client-cpus, or allow more CPUs", p.SiblingsText())
}
