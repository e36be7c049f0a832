package results

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Each figure is found in a trial, once by its name, and written.
func TestFigures(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Figures {
		if seen[f.Name] || f.Title == "" || FigureNamed(f.Name) != f {
			t.Errorf("%+v", f)
		}
		seen[f.Name] = true
		if v, known := f.Of(&Trial{}); known && v != 0 {
			t.Errorf("%s of an empty trial is %v", f.Name, v)
		}
	}
	trial := sound()
	trial.ServerUsage = &ServerUsage{ServerCPUPerRequest: 1500, ServerIdle: &IdleMemory{ResidentBytes: 2048}}
	trial.Kernel = &Kernel{ListenOverflows: 3}
	for _, test := range []struct {
		*Figure
		want string // empty for what is not known
	}{
		{Throughput, "100k"}, {P99, "300 µs"}, {ServerCPU, "1.5 µs"}, {IdleRSS, "2 KiB"}, {Overflows, "3"}, {Unserved, "0"}, {Steal, "0.01"},
		{IdleHeap, ""}, {ClientCPU, ""}, {SYNsAgain, ""}, {ConnectP99, ""}, {GCCycles, ""},
	} {
		v, known := test.Of(&trial)
		if got := test.Text(v); known != (test.want != "") || known && got != test.want {
			t.Errorf("%s: %q (%v), want %q", test.Name, got, known, test.want)
		}
	}
	trial.ResponseLatency.P99 = Infinite
	if v, known := P99.Of(&trial); !known || P99.Text(v) != "∞" {
		t.Errorf("an infinite p99 is %v, %v", v, known)
	}
}

// What is counted has a median that was counted, and memory that came to nothing is not said to
// be so many bytes.
func TestFiguresAreNotFalselyExact(t *testing.T) {
	for _, f := range []*Figure{Threads, Goroutines, Voluntary, Overflows, Unconnected, Unserved} {
		if got := f.Median([]float64{2, 6, 7, 9}); got != 7 {
			t.Errorf("%s: a median of %v", f.Name, got)
		}
	}
	if got := Throughput.Median([]float64{6, 7}); got != 6.5 {
		t.Errorf("a median rate of %v", got)
	}
	for _, f := range []*Figure{IdleRSS, IdleHeap, IdleStack, IdleClient, IdleHost} {
		for bytes, want := range map[float64]string{-11: Untold, -5000: Untold, 0: Untold, 0.4: Untold, 1: "1 B", 2048: "2 KiB"} {
			if got := f.Text(bytes); got != want {
				t.Errorf("%s of %v bytes: %q, want %q", f.Name, bytes, got, want)
			}
		}
	}
}

// The worked example of the package's documentation is Go, and is all that a figure takes.
func TestFigureOfTheDocumentation(t *testing.T) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "doc.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	p, err := doc.NewFromFiles(fset, []*ast.File{file}, "connbench/results")
	if err != nil {
		t.Fatal(err)
	}
	_, example, found := strings.Cut(p.Doc, "\n\tvar ")
	example, _, ended := strings.Cut(example, "\n")
	if !found || !ended {
		t.Fatal("the documentation has no figure")
	}
	dir := t.TempDir()
	added := filepath.Join(dir, "added_test.go")
	source := "package results\n\nimport \"testing\"\n\nvar " + example + "\n\n" +
		"func TestAdded(t *testing.T) {\n\tcatalogue([]*Figure{Preempted})\n\tif _, known := Preempted.Of(&Trial{ServerUsage: &ServerUsage{}}); !known {\n\t\tt.Error(\"not found\")\n\t}\n}\n"
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(dir, "overlay.json")
	text := `{"Replace": {"` + filepath.Join(here, "added_test.go") + `": "` + added + `"}}`
	if err := os.WriteFile(added, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(overlay, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "test", "-overlay", overlay, "-run", "^TestAdded$", ".").CombinedOutput()
	if err != nil || strings.Contains(string(out), "no tests to run") {
		t.Errorf("%v: %s", err, out)
	}
}
