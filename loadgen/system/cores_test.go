package system

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// siblings is a made-up /sys in which each CPU has such a list.
func siblings(t *testing.T, lists ...string) string {
	t.Helper()
	files := map[string]string{}
	for cpu, list := range lists {
		files[fmt.Sprintf("sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu)] = list + "\n"
	}
	return fixture(t, files)
}

// TestPlaceOnCores: server and client share no core unless they must, or were told to, and
// then it is said.
func TestPlaceOnCores(t *testing.T) {
	apart := []string{"0,2", "1,3", "0,2", "1,3"}  // as Linux often numbers them
	beside := []string{"0-1", "0-1", "2-3", "2-3"} // and at times
	for _, row := range []struct {
		name           string
		lists          []string
		allowed        []int
		server, client string
		want           Placement
	}{
		{"halves that are cores", beside, []int{0, 1, 2, 3}, "", "", Placement{Server: []int{0, 1}, Client: []int{2, 3}}},
		{"halves that are none", apart, []int{0, 1, 2, 3}, "", "", Placement{Server: []int{0, 2}, Client: []int{1, 3}}},
		{"one thread of each core", apart, []int{0, 1}, "", "", Placement{Server: []int{0}, Client: []int{1}}},
		{"a core and a half", beside, []int{0, 1, 2}, "", "", Placement{Server: []int{0, 1}, Client: []int{2}}},
		{"three cores", []string{"0,3", "1,4", "2,5", "0,3", "1,4", "2,5"}, []int{0, 1, 2, 3, 4, 5}, "", "", Placement{Server: []int{0, 3}, Client: []int{1, 2, 4, 5}}},
		{"a single core", []string{"0-1", "0-1"}, []int{0, 1}, "", "", Placement{Server: []int{0}, Client: []int{1}, Siblings: []Pair{{0, 1}}}},
		{"four threads of it", []string{"0-3", "0-3", "0-3", "0-3"}, []int{0, 1, 2, 3}, "", "",
			Placement{Server: []int{0, 1}, Client: []int{2, 3}, Siblings: []Pair{{0, 2}, {0, 3}, {1, 2}, {1, 3}}}},
		{"the server's asked", apart, []int{0, 1, 2, 3}, "0", "", Placement{Server: []int{0}, Client: []int{1, 3}}},
		{"the client's asked", apart, []int{0, 1, 2, 3}, "", "3", Placement{Server: []int{0, 2}, Client: []int{3}}},
		{"asked of every core", apart, []int{0, 1, 2, 3}, "0-1", "", Placement{Server: []int{0, 1}, Client: []int{2, 3}, Siblings: []Pair{{0, 2}, {1, 3}}}},
		{"both asked", apart, []int{0, 1, 2, 3}, "0", "2", Placement{Server: []int{0}, Client: []int{2}, Siblings: []Pair{{0, 2}}}},
		{"not known", nil, []int{0, 1, 2, 3}, "", "", Placement{Server: []int{0, 1}, Client: []int{2, 3}}},
		{"torn", []string{"0,2", "?", "0,2", "1,3"}, []int{0, 1, 2, 3}, "", "", Placement{Server: []int{0, 1}, Client: []int{2, 3}}},
	} {
		cores, err := ReadCores(siblings(t, row.lists...), row.allowed)
		if known := row.name != "not known" && row.name != "torn"; known != (err == nil) {
			t.Errorf("%s: %v", row.name, err)
		}
		p, err := Place(row.allowed, cores, row.server, row.client)
		if diff := cmp.Diff(row.want, p, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("%s: %v, %s", row.name, err, diff)
		}
		if said := strings.Contains(p.warning(), "(CPU "+p.SiblingsText()+")"); said != (len(row.want.Siblings) > 0) {
			t.Errorf("%s: %q", row.name, p.warning())
		}
	}
	if e := Describe([]int{0, 1}, Placement{Server: []int{0}, Client: []int{1}, Siblings: []Pair{{0, 1}}}); len(e.Warnings) == 0 || !strings.Contains(e.Warnings[0], "CPU 0 with 1") {
		t.Errorf("a run is not told: %q", e.Warnings)
	}
}
