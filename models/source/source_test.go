package source

import (
	"path"
	"slices"
	"testing"
	"testing/fstest"

	"connbench/models"
	"connbench/models/all"
	"connbench/models/engines"

	"github.com/google/go-cmp/cmp"
)

// gearbox is a codebase of two models, "hand" and "hand-power", on what they share.
var gearbox = fstest.MapFS{
	"model.go": {Data: []byte(`package models

import "os"

type Model struct {
	Name string
	Open func()
}

// Check is of no model.
func (m Model) Check() { if m.Name == "" { os.Exit(1) } }
`)},
	"hand.go": {Data: []byte(`package models

// Hand is a model.
var Hand = Model{
	Name: "hand",
	Open: func() { newGear(1) },
}

func (g *gear) turnBack() {} // of the gear: shared
`)},
	"hand_other.go": {Data: []byte("//go:build !linux\n\npackage models\n\nfunc notCounted() {}\n")},
	"hand_test.go":  {Data: []byte("package models\n\nfunc notCountedEither() {}\n")},
	"hand_power_linux.go": {Data: []byte(`package models

var HandPower = Model{Name: "hand-power", Open: power}

func power() {
	for i := range 3 { // two lines with code

		newGear(i)
	}
}

func forgotten() {}

// Restart is where others come in.
func Restart() { oil() }

func oil() {}
`)},
	"gear.go": {Data: []byte(`package models

import "connbench/models/kernel"

type gear struct{ teeth int }

func newGear(n int) *gear {
	power := n // not the function
	if power > 1 && n > 0 || n < 0 {
		return nil
	}
	kernel.Turn(` + "`\n`" + `)
	return &gear{}
}

func (g *gear) turn() {}
`)},
	"kernel/kernel.go":       {Data: []byte("package kernel\n\nimport \"golang.org/x/sys/unix\"\n\nfunc Turn(s string) { unix.Sync() }\n\nfunc Stop() {}\n")},
	"modeltest/modeltest.go": {Data: []byte("package modeltest\n\nfunc not a package\n")},
}

func TestCount(t *testing.T) {
	got, err := countIn(gearbox, []string{"hand", "hand-power", "python"})
	if err != nil {
		t.Fatal(err)
	}
	own := func(name string, lines, functions, cyclomatic int, most Function) FileAmount {
		return FileAmount{File: name, Amount: Amount{lines, functions, cyclomatic, &most}}
	}
	shared := func(name string, lines, functions, cyclomatic int, most Function) FileAmount {
		f := own(name, lines, functions, cyclomatic, most)
		f.Shared = true
		return f
	}
	gear := shared("models/gear.go", 11, 2, 5, Function{"newGear", 4})
	kernel := shared("models/kernel/kernel.go", 1, 1, 1, Function{"Turn", 1})
	want := map[string]Complexity{
		"hand": {
			Own:    Amount{5, 2, 2, &Function{"func in Hand", 1}},
			Shared: Amount{12, 3, 6, &Function{"newGear", 4}},
			Beyond: Amount{4, 1, 1, &Function{"func in Hand", 1}}, // turnBack is taken by both
			Files:  []FileAmount{own("models/hand.go", 5, 2, 2, Function{"func in Hand", 1}), gear, kernel},
		},
		"hand-power": {
			Own:    Amount{8, 3, 4, &Function{"power", 2}},
			Shared: Amount{13, 4, 7, &Function{"newGear", 4}},
			Beyond: Amount{8, 3, 4, &Function{"power", 2}},
			Files: []FileAmount{
				own("models/hand_power_linux.go", 8, 3, 4, Function{"power", 2}),
				gear,
				shared("models/hand.go", 1, 1, 1, Function{"gear.turnBack", 1}),
				kernel,
			},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCountOfNoGo(t *testing.T) {
	if _, err := countIn(fstest.MapFS{"a.go": {Data: []byte("package models\n\nfunc {")}}, nil); err == nil {
		t.Error("what does not parse was counted")
	}
}

// Every row in Go is found in the source, in files of its own; a package that is
// compared and not counted would seem to take nothing.
func TestEveryModelIsCounted(t *testing.T) {
	rows := models.Names(slices.Concat(all.Models(), engines.All()))
	counted, err := Count(rows)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		c := counted[row]
		if c.Own.Lines == 0 || c.Own.Functions == 0 {
			t.Errorf("%s: no literal Model{Name: %q} with functions in files of its name; see models.Source", row, row)
		}
		if !slices.ContainsFunc(c.Files, func(f FileAmount) bool { return fileOwner(f.File, rows) == row }) {
			t.Errorf("%s has no file of its name; see models.Source", row)
		}
		if !slices.ContainsFunc(c.Files, func(f FileAmount) bool { return f.File == "models/serving/session.go" }) {
			t.Errorf("%s answers without models/serving/session.go? %v", row, c.Files)
		}
	}
}

// What is known of some rows.
func TestComplexityFollowsCalls(t *testing.T) {
	counted, err := Count(models.Names(slices.Concat(all.Models(), engines.All())))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		model, file string
		taken       bool
	}{
		{"goroutine", "blocking/stream.go", true},
		{"goroutine", "kernel/listen.go", true},
		{"goroutine", "wire/splitter.go", true},
		{"goroutine", "kernel/epoll_linux.go", false},
		{"goroutine", "blocking/pool.go", false},
		{"reactor", "kernel/epoll_linux.go", true},
		{"reactor", "readiness/reactor_loop_linux.go", true},
		{"reactor", "datagram/udp.go", false},
		{"udp", "kernel/listen.go", true},
	} {
		taken := slices.ContainsFunc(counted[row.model].Files, func(f FileAmount) bool {
			return f.File == path.Join("models", row.file)
		})
		if taken != row.taken {
			t.Errorf("%s takes %s: %v, want %v", row.model, row.file, taken, row.taken)
		}
	}
}

func TestFileOwner(t *testing.T) {
	rows := []string{"pool", "pool-request", "udp"}
	for file, want := range map[string]string{
		"pool.go":                   "pool",
		"pool_linux.go":             "pool",
		"pool_request.go":           "pool-request",
		"pool_request_linux.go":     "pool-request",
		"pool_requests.go":          "pool",
		"pools.go":                  "",
		"kernel/udp_batch_linux.go": "udp",
		"model.go":                  "",
	} {
		if got := fileOwner(file, rows); got != want {
			t.Errorf("%s is %q's, want %q", file, got, want)
		}
	}
}
