package system

import (
	"errors"
	"slices"
	"testing"

	"connbench/loadgen"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParseCPUs(t *testing.T) {
	for _, row := range []struct {
		list    string
		cpus    []int
		written string
	}{
		{"", nil, ""},
		{"0", []int{0}, "0"},
		{"1023", []int{1023}, "1023"},
		{"0,2-3", []int{0, 2, 3}, "0,2-3"},
		{"2-3,0", []int{0, 2, 3}, "0,2-3"},
		{"1,1,0-1", []int{0, 1}, "0-1"},
		{"0,1,2,4,6,7", []int{0, 1, 2, 4, 6, 7}, "0-2,4,6-7"},
		{"5-5", []int{5}, "5"},
	} {
		cpus, err := ParseCPUs(row.list)
		if diff := cmp.Diff(row.cpus, cpus); err != nil || diff != "" {
			t.Errorf("%q: %v, %s", row.list, err, diff)
		}
		if written := FormatCPUs(cpus); written != row.written {
			t.Errorf("%q is written as %q, want %q", row.list, written, row.written)
		}
	}
	for _, list := range []string{"x", "-", "1-", "-1", "3-1", "0,", ",0", "0,,1", "0 1", "0, 1", "1024", "0-4000000000", "0x1", "1.5", "0-1-2", "+1"} {
		if cpus, err := ParseCPUs(list); err == nil {
			t.Errorf("%q was read as %v", list, cpus)
		}
	}
}

func FuzzParseCPUs(f *testing.F) {
	for _, list := range []string{"", "0", "0,2-3", "0-1023", "3-1", "1,1", "0-0,0"} {
		f.Add(list)
	}
	f.Fuzz(func(t *testing.T, list string) {
		cpus, err := ParseCPUs(list)
		if err != nil {
			return
		}
		if !slices.IsSorted(cpus) || len(slices.Compact(slices.Clone(cpus))) != len(cpus) {
			t.Fatalf("%q was read as %v", list, cpus)
		}
		again, err := ParseCPUs(FormatCPUs(cpus))
		if err != nil || !slices.Equal(again, cpus) {
			t.Errorf("%q: %v is written as %q and read as %v, %v", list, cpus, FormatCPUs(cpus), again, err)
		}
	})
}

func TestPlace(t *testing.T) {
	for _, row := range []struct {
		name                   string
		allowed                []int
		server, client         string
		wantServer, wantClient []int
		shared                 bool
		used                   []int
	}{
		{"a single CPU", []int{3}, "", "", []int{3}, []int{3}, true, []int{3}},
		{"two", []int{0, 1}, "", "", []int{0}, []int{1}, false, []int{0, 1}},
		{"an odd one", []int{0, 1, 4}, "", "", []int{0}, []int{1, 4}, false, []int{0, 1, 4}},
		{"not all allowed", []int{2, 3, 6, 7}, "", "", []int{2, 3}, []int{6, 7}, false, []int{2, 3, 6, 7}},
		{"server asked", []int{0, 1, 2}, "2", "", []int{2}, []int{0, 1}, false, []int{0, 1, 2}},
		{"client asked", []int{0, 1, 2}, "", "0-1", []int{2}, []int{0, 1}, false, []int{0, 1, 2}},
		{"both asked", []int{0, 1, 2, 3}, "0", "2-3", []int{0}, []int{2, 3}, false, []int{0, 2, 3}},
		{"both the same", []int{0, 1}, "0", "0", []int{0}, []int{0}, true, []int{0}},
		{"overlap", []int{0, 1, 2}, "0-1", "1-2", []int{0, 1}, []int{1, 2}, true, []int{0, 1, 2}},
		{"nothing left", []int{0, 1}, "0-1", "", []int{0, 1}, []int{0, 1}, true, []int{0, 1}},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, err := Place(row.allowed, nil, row.server, row.client)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(Placement{Server: row.wantServer, Client: row.wantClient}, p, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			if p.Shared() != row.shared {
				t.Errorf("shared: %v", p.Shared())
			}
			if diff := cmp.Diff(row.used, p.Used()); diff != "" {
				t.Errorf("used: %s", diff)
			}
		})
	}
	for _, row := range []struct{ name, server, client, field string }{
		{"no list", "x", "", "server-cpus"},
		{"not allowed", "0,2", "", "server-cpus"},
		{"no list of the client", "", "1-", "client-cpus"},
		{"not allowed to the client", "0", "7", "client-cpus"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var wrong *loadgen.SpecError
			if p, err := Place([]int{0, 1}, nil, row.server, row.client); !errors.As(err, &wrong) || wrong.Field != row.field {
				t.Errorf("%v, %v", p, err)
			}
		})
	}
}
