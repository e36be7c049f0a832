package results

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A run goes on where it was begun, or keeps what was made elsewhere apart.
func TestGoOnIn(t *testing.T) {
	here := storedRun().Environment
	for what, change := range map[string]func(e *Environment){
		"kernel: 6 / 7":                         func(e *Environment) { e.Kernel = "7" },
		"allowed_cpus: none / 0":                func(e *Environment) { e.AllowedCPUs = "0" },
		"go: none / go1":                        func(e *Environment) { e.Go = "go1" },
		"binary: none / ab":                     func(e *Environment) { e.Binary = "ab" },
		"limit_open_files: 0 / 5":               func(e *Environment) { e.OpenFiles = 5 },
		"limits.stack: none / 8":                func(e *Environment) { e.Limits = map[string]string{"stack": "8"} },
		"sysctls.net.core.somaxconn: 4096 / 16": func(e *Environment) { e.Sysctls = map[string]string{"net.core.somaxconn": "16"} },
	} {
		t.Run(what, func(t *testing.T) {
			dir := store(t)
			s, _, _, err := Reopen(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.GoOnIn(here, false); err != nil || s.Where() != 0 {
				t.Errorf("here: %d, %v", s.Where(), err)
			}
			there := here
			change(&there)
			want := dir + " was begun elsewhere: " + what
			if err := s.GoOnIn(there, false); err == nil || err.Error() != want {
				t.Errorf("got %v, want %q", err, want)
			}
			for range 2 { // the second time it is known
				if err := s.GoOnIn(there, true); err != nil || s.Where() != 1 {
					t.Errorf("apart: %d, %v", s.Where(), err)
				}
			}
			if err := s.Append(&Trial{Trial: 9, Model: "a"}, nil); err != nil {
				t.Fatal(err)
			}
			run, trials, _, err := Open(dir)
			if err != nil || len(run.Elsewhere) != 1 || len(trials) != 3 || trials[2].Environment != 1 {
				t.Fatalf("%d elsewhere, %+v, %v", len(run.Elsewhere), trials, err)
			}
			parts := run.Parts(trials)
			if len(parts) != 2 || len(parts[0].Trials) != 2 || len(parts[1].Trials) != 1 || parts[0].Where != "" || parts[1].Where != what {
				t.Errorf("parts %+v", parts)
			}
			if diff := cmp.Diff(there, parts[1].Run.Environment); diff != "" {
				t.Errorf("environment of the second part (-want +got)\n%s", diff)
			}
		})
	}
}

func TestOpenRefusesATrialOfNoEnvironment(t *testing.T) {
	dir := store(t)
	os.WriteFile(filepath.Join(dir, trialsFile), []byte("{}\n"+`{"trial":1,"environment":1}`+"\n"), 0o644)
	if _, _, _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "trials.jsonl:2: environment: 1 ") {
		t.Errorf("got %v", err)
	}
}
