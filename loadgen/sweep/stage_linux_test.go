package sweep

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"connbench/loadgen/system"
	"connbench/results"
)

// patience is how long a test waits for something that must happen.
const patience = time.Minute

// stage is a run of actors, and what became of it.
type stage struct {
	*Runner
	actors string // where they leave their numbers
	dir    string // of the run
}

// newStage prepares one trial of each actor.
func newStage(t *testing.T, names ...string) *stage {
	t.Helper()
	s := &stage{actors: t.TempDir(), dir: filepath.Join(t.TempDir(), "run")}
	plan := DefaultPlan(names)
	plan.Clients, plan.Payloads, plan.Trials = []int{2}, Sizes(64), 1
	plan.Think = Duration(time.Millisecond) // so that nobody is kept from a CPU
	plan.Retries = 0                        // there is noise enough where tests run beside each other
	plan.Warmup, plan.Duration, plan.Timeout = 0, Duration(150*time.Millisecond), Duration(patience)
	_, placement, err := system.PlaceHere("", "")
	if err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	store, err := results.Create(s.dir, results.Run{Plan: written, Models: names, Trials: len(plan.Order())})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	rows := map[string]Row{}
	for _, name := range names {
		rows[name] = actor(t, name, s.actors)
	}
	s.Runner = &Runner{Plan: plan, Rows: rows, Client: []string{executable(t), "act-client"}, Placement: placement, Store: store}
	s.StartTimeout, s.StopTimeout = patience, patience
	return s
}

// hurry leaves one actor little time to say its address, and to end, and the others
// as much as they need.
func (r *Runner) hurry(actor string) {
	r.Begin = func(t Trial, _ int) {
		r.StartTimeout, r.StopTimeout = patience, patience
		if t.Model == actor {
			r.StartTimeout, r.StopTimeout = hurried, hurried
		}
	}
}

const hurried = 500 * time.Millisecond

// trials are those stored, by model.
func (s *stage) trials(t *testing.T) map[string]results.Trial {
	t.Helper()
	_, stored, warnings, err := results.Open(s.dir)
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	byModel := map[string]results.Trial{}
	for _, trial := range stored {
		byModel[trial.Model] = trial
	}
	return byModel
}

// entered is how many actors have left their number.
func (s *stage) entered(t *testing.T) int {
	t.Helper()
	numbers, err := os.ReadDir(s.actors)
	if err != nil {
		t.Fatal(err)
	}
	return len(numbers)
}

// deserted waits until no actor lives; a child of an actor is not ours to wait
// for, and may take a moment.
func (s *stage) deserted(t *testing.T, entered int) {
	t.Helper()
	numbers, err := os.ReadDir(s.actors)
	if err != nil {
		t.Fatal(err)
	}
	if len(numbers) != entered {
		t.Errorf("%d servers were started, want %d", len(numbers), entered)
	}
	late := time.After(patience)
	for _, number := range numbers {
		for lives(number.Name()) {
			select {
			case <-late:
				t.Fatalf("process %s lives on", number.Name())
			case <-time.After(time.Millisecond):
			}
		}
	}
}

// lives reports whether a process is there, and no zombie.
func lives(pid string) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	_, state, _ := bytes.Cut(stat, []byte(") "))
	return err == nil && !bytes.HasPrefix(state, []byte("Z"))
}
