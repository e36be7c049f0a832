package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "connbench"

// arrows is the table of the design: the packages of this module, and which of
// the others each may import.
var arrows = map[string][]string{
	"models":                      {"models/wire", "models/kernel"},
	"models/all":                  {"models", "models/blocking", "models/readiness", "models/completion", "models/datagram", "models/processes"},
	"models/serving":              {"models", "models/wire", "models/kernel"},
	"models/blocking":             {"models", "models/serving", "models/kernel"},
	"models/readiness":            {"models", "models/serving", "models/kernel"},
	"models/completion":           {"models", "models/serving", "models/kernel"},
	"models/datagram":             {"models", "models/serving", "models/kernel"},
	"models/processes":            {"models", "models/serving", "models/kernel", "models/readiness"}, // each child is a reactor
	"models/source":               {"models"},
	"models/wire":                 {},
	"models/modeltest":            {"models", "models/wire"},
	"models/engines":              {"models", "models/serving", "models/kernel", "models/wire"},
	"models/python":               {},
	"models/foreign":              {"models/wire"},
	"models/kernel":               {},
	"loadgen":                     {"loadgen/message", "loadgen/pace", "models/wire", "models/kernel", "loadgen/process", "results"},
	"loadgen/message":             {"models/wire", "results"},
	"loadgen/pace":                {"results"},
	"loadgen/process":             {},
	"loadgen/system":              {"loadgen", "loadgen/process", "results", "models/kernel"},
	"loadgen/profile":             {"models/kernel", "results"},
	"loadgen/sample":              {"loadgen", "loadgen/profile", "loadgen/process", "loadgen/system", "results", "models/kernel"},
	"loadgen/sweep":               {"loadgen", "loadgen/message", "loadgen/pace", "loadgen/process", "loadgen/system", "loadgen/sample", "loadgen/profile", "results", "results/stats", "results/read"},
	"loadgen/calibrate":           {"loadgen", "loadgen/process", "loadgen/system", "loadgen/sample", "loadgen/sweep", "results", "results/document", "models/kernel", "models/wire"},
	"loadgen/doctor":              {"loadgen", "loadgen/process", "loadgen/system", "results", "results/document"},
	"loadgen/hosts":               {"loadgen/process", "results"},
	"loadgen/claims":              {"loadgen", "loadgen/process", "loadgen/system", "loadgen/sweep", "results", "results/stats", "results/read", "models/kernel", "models/wire"},
	"results":                     {},
	"results/stats":               {"results"},
	"results/read":                {"results", "results/stats"},
	"results/document":            {"results", "results/stats", "results/read"},
	"results/resultstest":         {"results"},
	"plots":                       {},
	"plots/look":                  {"results"},
	"plots/figures":               {"results", "results/stats", "results/read", "results/document", "plots/look"},
	"plots/flame":                 {"results", "results/stats", "results/read"}, // and github.com/google/pprof/profile
	"plots/page":                  {"results", "results/stats", "results/read", "results/document", "plots/look", "plots/flame"},
	"cmd/connbench/live":          {"loadgen", "loadgen/process", "loadgen/sweep", "results", "results/stats"},
	"cmd/connbench/live/terminal": {},
	// And, with the build tag hosts, loadgen, loadgen/doctor, hosts, process and system, results and results/document.
	"cmd/connbench/fleet":    {"loadgen", "loadgen/sweep", "results"}, // and with the tag hosts loadgen/hosts, which is in no other binary
	"cmd/connbench/manual":   {},
	"cmd/connbench/scratch":  {},
	"cmd/connbench/baseline": {"loadgen", "results", "results/read"},
	"cmd/connbench/compare":  {"loadgen", "loadgen/sweep", "results", "results/stats", "results/document", "cmd/connbench/baseline"},
	"cmd/connbench/nets":     {}, // tests alone
	// And models/engines with the build tag of that name, which is not listed here:
	// the binary that serves our models is to be free of engines.
	"cmd/connbench": {
		"models", "models/all", "models/source", "models/wire", "models/python", "models/foreign",
		"models/blocking", "models/processes", // limits of threads; being a child of prefork
		"models/kernel", "loadgen", "loadgen/pace", "loadgen/process", "loadgen/profile", "loadgen/system", "loadgen/sample",
		"loadgen/sweep", "loadgen/calibrate", "loadgen/doctor", "loadgen/claims", "results", "results/stats", "results/read", "results/document", "plots/look", "plots/figures", "plots/page", "plots/flame", "cmd/connbench/live", "cmd/connbench/fleet", "cmd/connbench/manual", "cmd/connbench/scratch", "cmd/connbench/baseline", "cmd/connbench/compare",
	},
}

// crossings compares imports, by package and without the module's name, with
// the table.
func crossings(imports map[string][]string) []string {
	var wrong []string
	for _, from := range slices.Sorted(maps.Keys(imports)) {
		may, known := arrows[from]
		if !known {
			wrong = append(wrong, fmt.Sprintf("%s is not in the design", from))
			continue
		}
		for _, to := range imports[from] {
			if !slices.Contains(may, to) {
				wrong = append(wrong, fmt.Sprintf("%s imports %s", from, to))
			}
		}
	}
	return wrong
}

// importsOf reads what `go list -json` says and keeps what is ours.
func importsOf(r io.Reader) (map[string][]string, error) {
	imports := map[string][]string{}
	for packages := json.NewDecoder(r); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := packages.Decode(&p); errors.Is(err, io.EOF) {
			return imports, nil
		} else if err != nil {
			return nil, err
		}
		name, ours := inModule(p.ImportPath)
		if !ours {
			continue
		}
		imports[name] = []string{}
		for _, path := range p.Imports {
			if to, ours := inModule(path); ours {
				imports[name] = append(imports[name], to)
			}
		}
	}
}

// inModule is a package's name in this module; the root package's is ".".
func inModule(path string) (string, bool) {
	if path == module {
		return ".", true
	}
	return strings.CutPrefix(path, module+"/")
}

func TestArrows(t *testing.T) {
	for _, system := range []string{"linux", "darwin"} {
		t.Run(system, func(t *testing.T) {
			list := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports", "./...")
			list.Dir = "../.."
			list.Env = append(os.Environ(), "GOOS="+system)
			list.Stderr = t.Output()
			out, err := list.Output()
			if err != nil {
				t.Fatal(err)
			}
			imports, err := importsOf(strings.NewReader(string(out)))
			if err != nil {
				t.Fatal(err)
			}
			if len(imports["cmd/connbench"]) == 0 {
				t.Errorf("cmd/connbench imports nothing of ours: the list is not understood")
			}
			for _, wrong := range crossings(imports) {
				t.Error(wrong)
			}
		})
	}
}

func TestCrossings(t *testing.T) {
	list := strings.NewReader(`
		{"ImportPath": "fmt", "Imports": ["io"]}
		{"ImportPath": "connbench/results", "Imports": ["fmt"]}
		{"ImportPath": "connbench/plots/page", "Imports": ["fmt", "connbench/results", "connbench/plots/look", "connbench/plots/figures"]}
		{"ImportPath": "connbench/plots/look", "Imports": ["connbench/models"]}
		{"ImportPath": "connbench/models/wire", "Imports": ["connbench/models"]}
		{"ImportPath": "connbench/loadgen/sweep", "Imports": ["connbench/models/wire"]}
		{"ImportPath": "connbench/util", "Imports": ["connbench/results"]}
		{"ImportPath": "connbench"}
		{"ImportPath": "connbenchmark/models", "Imports": ["connbench/models"]}`)
	imports, err := importsOf(list)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		". is not in the design",
		"loadgen/sweep imports models/wire",
		"models/wire imports models",
		"plots/look imports models",
		"plots/page imports plots/figures",
		"util is not in the design",
	}
	if diff := cmp.Diff(want, crossings(imports)); diff != "" {
		t.Error(diff)
	}
	if _, err := importsOf(strings.NewReader(`{"ImportPath": `)); err == nil {
		t.Error("a torn list was taken for whole")
	}
}
