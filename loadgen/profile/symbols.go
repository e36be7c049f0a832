package profile

import (
	"bufio"
	"cmp"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

type symbol struct {
	start, end uint64
	name       string
}

// symbols are in the order of their addresses.
type symbols []symbol

// sortSymbols sorts them, and leaves one of those that start at the same address: the first with
// the fewest underscores before its name, as write is __write too. One of no length ends where
// the next starts.
func sortSymbols(list []symbol) symbols {
	underscores := func(s symbol) int { return len(s.name) - len(strings.TrimLeft(s.name, "_")) }
	slices.SortStableFunc(list, func(a, b symbol) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(underscores(a), underscores(b)))
	})
	list = slices.CompactFunc(list, func(a, b symbol) bool { return a.start == b.start })
	for i := range list {
		if list[i].end > list[i].start {
			continue
		}
		list[i].end = math.MaxUint64
		if i+1 < len(list) {
			list[i].end = list[i+1].start
		}
	}
	return list
}

// at is the name of the function at an address, "" for none.
func (s symbols) at(address uint64) string {
	after, _ := slices.BinarySearchFunc(s, address, func(s symbol, address uint64) int {
		if s.start <= address {
			return -1
		}
		return 1
	})
	if after == 0 || address >= s[after-1].end {
		return ""
	}
	return s[after-1].name
}

// parseKallsyms reads the kernel's functions from /proc/kallsyms, none where it hides their
// addresses.
func parseKallsyms(r io.Reader) symbols {
	var list []symbol
	for lines := bufio.NewScanner(r); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 3 || !strings.Contains("tTwW", fields[1]) {
			continue
		}
		start, err := strconv.ParseUint(fields[0], 16, 64)
		if err == nil && start != 0 {
			list = append(list, symbol{start: start, name: strings.TrimPrefix(fields[2], "__pfx_")}) // the padding before a function
		}
	}
	return sortSymbols(list)
}
