package sweep

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"connbench/results"
)

// Each row is profiled in trials that are in no figure of the run, here or on another host; one that is
// stored is not made again, and one that could not be made is.
func TestRunProfiles(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"here", "away"} {
		s := newStage(t, "good", "dying")
		s.Plan.Profile, s.Plan.Warmup, s.profileRounds = leastProfile, Duration(50*time.Millisecond), 1
		if where == "away" {
			s.away(t, "attendant")
		}
		if made := s.profiled(t); len(made) != 2 || len(s.Plan.Profiling().Order()) != 2*ProfileRounds {
			t.Errorf("%s: made %v, of %d in a round of %d", where, made, len(s.Plan.Profiling().Order()), ProfileRounds)
		}
		stored, _, err := results.Profiles(s.dir)
		if err != nil || len(stored) != 2 {
			t.Fatal(where, stored, err)
		}
		for i := range stored {
			if stored[i].Model == "good" {
				s.told(t, &stored[i])
			} else if stored[i].Failure == "" {
				t.Errorf("%s: a server that died: %+v", where, stored[i])
			}
		}
		if made := s.profiled(t); len(made) != 1 {
			t.Errorf("%s: again %v, want the one that failed", where, made)
		}
		if _, trials, _, err := results.Open(s.dir); err != nil || len(trials) != 0 {
			t.Errorf("%s: the run has %d trials, %v", where, len(trials), err)
		}
	}
}

// profiled makes the profiles that are not stored, and returns their numbers.
func (s *stage) profiled(t *testing.T) (made []int) {
	t.Helper()
	stored, _, err := results.Profiles(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	s.Progress = func(at Progress) { made = append(made, at.Trial.Trial) }
	if err := s.Profile(t.Context(), stored); err != nil {
		t.Fatal(err)
	}
	return made
}

// told checks that a profile says where the time went, or why it does not.
func (s *stage) told(t *testing.T, trial *results.Trial) {
	t.Helper()
	p := trial.CPUProfile
	if trial.Failure != "" || p == nil || p.UserNS == nil {
		t.Errorf("profile %d: %q, %+v", trial.Trial, trial.Failure, p)
		return
	}
	if p.Calls == nil && p.CallsLacking == "" {
		t.Errorf("profile %d: no system calls, and nobody says why", trial.Trial)
	}
	if p.Source != results.ByKernel {
		if p.Lacking == "" {
			t.Errorf("profile %d: no samples, and nobody says why", trial.Trial)
		}
		return
	}
	if info, err := os.Stat(filepath.Join(s.dir, p.File)); err != nil || info.Size() == 0 {
		t.Errorf("%s: %v", p.File, err)
	}
}
