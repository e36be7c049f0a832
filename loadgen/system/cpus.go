// Package system says what the operating system does of a machine: its CPUs and cores, its
// control groups, its kernel's settings, and on which CPUs server and client are placed.
package system

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"connbench/loadgen"
	"connbench/loadgen/process"
)

// Placement is where server and client run.
type Placement struct {
	Server, Client []int // CPUs, ascending; empty for wherever the system likes
	// Siblings are the pairs, of a CPU of the server and one of the client, that are
	// hyperthreads of one core: what either does there slows the other.
	Siblings []Pair
	Apart    bool // the client is on another host, and Client empty
}

// Shared reports whether server and client take time from each other.
func (p Placement) Shared() bool {
	return !p.Apart && (len(p.Server) == 0 || len(p.Client) == 0 ||
		slices.ContainsFunc(p.Server, func(cpu int) bool { return slices.Contains(p.Client, cpu) }))
}

// Used lists the CPUs of either, each once.
func (p Placement) Used() []int {
	used := slices.Concat(p.Server, p.Client)
	slices.Sort(used)
	return slices.Compact(used)
}

// PlaceHere is [Place] with the CPUs that this process may run on, which it returns too,
// and with the cores that they are of as far as the system says.
func PlaceHere(server, client string) (allowed []int, p Placement, err error) {
	if allowed, err = process.AllowedCPUs(); err != nil {
		return nil, p, err
	}
	cores, _ := ReadCores("/", allowed) // else each counts as a core
	p, err = Place(allowed, cores, server, client)
	return allowed, p, err
}

// Place chooses CPUs from the allowed ones: those asked for, as lists like 0,2-3, and where
// nothing is asked the first half of the cores for the server and the others for the client,
// so that they share no core. With a single core each has a part of its hyperthreads, and
// with a single CPU they share that.
func Place(allowed []int, cores Cores, server, client string) (Placement, error) {
	var p Placement
	for _, side := range []struct {
		field string
		list  string
		cpus  *[]int
	}{{"server-cpus", server, &p.Server}, {"client-cpus", client, &p.Client}} {
		cpus, err := ParseCPUs(side.list)
		if err != nil {
			return p, &loadgen.SpecError{Field: side.field, Value: side.list, Allowed: err.Error()}
		}
		for _, cpu := range cpus {
			if !slices.Contains(allowed, cpu) {
				return p, &loadgen.SpecError{Field: side.field, Value: side.list, Allowed: "of " + FormatCPUs(allowed)}
			}
		}
		*side.cpus = cpus
	}
	if len(p.Server) == 0 && len(p.Client) == 0 && len(allowed) > 1 {
		p.Server = cores.half(allowed)
	}
	if len(p.Server) == 0 {
		p.Server = cores.without(allowed, p.Client)
	}
	if len(p.Client) == 0 {
		p.Client = cores.without(allowed, p.Server)
	}
	p.Siblings = cores.shared(p)
	return p, nil
}

// ParseCPUs reads a list like 0,2-3, which may be empty.
func ParseCPUs(list string) ([]int, error) {
	if list == "" {
		return nil, nil
	}
	var cpus []int
	for _, part := range strings.Split(list, ",") {
		from, to, ranged := strings.Cut(part, "-")
		if !ranged {
			to = from
		}
		first, err1 := strconv.ParseUint(from, 10, 10)
		last, err2 := strconv.ParseUint(to, 10, 10)
		if err1 != nil || err2 != nil || last < first {
			return nil, fmt.Errorf("a list like 0,2-3 of CPUs up to 1023")
		}
		for cpu := first; cpu <= last; cpu++ {
			cpus = append(cpus, int(cpu))
		}
	}
	slices.Sort(cpus)
	return slices.Compact(cpus), nil
}

// FormatCPUs writes what ParseCPUs reads.
func FormatCPUs(cpus []int) string {
	var parts []string
	for i := 0; i < len(cpus); {
		j := i
		for j+1 < len(cpus) && cpus[j+1] == cpus[j]+1 {
			j++
		}
		if i == j {
			parts = append(parts, strconv.Itoa(cpus[i]))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", cpus[i], cpus[j]))
		}
		i = j + 1
	}
	return strings.Join(parts, ",")
}
