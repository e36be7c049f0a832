package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
)

// CPUProfile is where a server's time went in the window of a trial that was made for it: such a
// trial is in no figure of the run, since to look costs the server some of its time. What could not
// be told is absent.
type CPUProfile struct {
	Source  string `json:"source,omitempty"`  // who took the samples: see [ByKernel]; empty for nobody
	Lacking string `json:"lacking,omitempty"` // why there are no better ones
	File    string `json:"file,omitempty"`    // of samples, for pprof, relative to the run's folder
	Samples []byte `json:"samples,omitempty"` // what goes into it, until it is stored

	Program        string `json:"program,omitempty"` // of samples that an interpreter took of its program meanwhile; likewise
	ProgramSamples []byte `json:"program_samples,omitempty"`

	// A request in the window, by /proc: user and system time are counted in ticks of 10 ms.
	UserNS      *float64 `json:"user_ns_per_request,omitempty"`
	SystemNS    *float64 `json:"system_ns_per_request,omitempty"`
	Voluntary   *float64 `json:"voluntary_switches_per_request,omitempty"`
	Involuntary *float64 `json:"involuntary_switches_per_request,omitempty"`
	Faults      *float64 `json:"page_faults_per_request,omitempty"`

	Calls        *Calls `json:"calls,omitempty"`         // of the warm-up; those of /proc of the window
	CallRequests int64  `json:"call_requests,omitempty"` // that were answered meanwhile
	CallsLacking string `json:"calls_lacking,omitempty"` // why there are none, or no others
}

// The sources of a profile.
const (
	ByKernel  = "perf_event" // the kernel, which knows what it did itself
	ByProgram = "program"    // the program: Go's runtime, or an interpreter, which know of a system call that it was made
)

// UserStacks is a comment of a profile that has nothing of what the kernel did.
const UserStacks = "user stacks only"

const profilesDir = "profiles"

// StoreProfile stores a trial that was made for its profile, by its number: the samples first, so
// that one that is there is whole. One that is there already is written over.
func (s *Store) StoreProfile(t *Trial) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("store profile %d: %w", t.Trial, err)
		}
	}()
	dir := filepath.Join(s.Dir, profilesDir)
	if err := errors.Join(subfolder(s.disk, dir), removeTemporary(dir)); err != nil {
		return err
	}
	t.Environment, t.Failure = s.where, Clean(t.Failure)
	name := fmt.Sprintf("%05d", t.Trial)
	if p := t.CPUProfile; p != nil {
		p.File, err = s.storeSamples(name+".pb.gz", &p.Samples)
		if err == nil {
			p.Program, err = s.storeSamples(name+".program.pb.gz", &p.ProgramSamples)
		}
		if err != nil {
			return err
		}
	}
	b, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return writeWhole(s.disk, filepath.Join(dir, name+".json"), append(b, '\n'), false)
}

// storeSamples stores samples, which it takes from where they are, and returns their file; nothing for none.
func (s *Store) storeSamples(name string, samples *[]byte) (file string, err error) {
	if len(*samples) == 0 {
		return "", nil
	}
	b := *samples
	*samples = nil
	return profilesDir + "/" + name, writeWhole(s.disk, filepath.Join(s.Dir, profilesDir, name), b, false)
}

// Profiles are the trials of a run's folder that were made for their profiles, by their numbers;
// none where there is no such folder. One that cannot be read is left out, and in warnings.
func Profiles(dir string) (all []Trial, warnings []string, err error) {
	paths, err := filepath.Glob(filepath.Join(dir, profilesDir, "*.json"))
	if err != nil {
		return nil, nil, err
	}
	for _, path := range paths {
		b, err := ReadRegular(path, maxLineBytes)
		if err != nil {
			warnings = append(warnings, err.Error())
			continue
		}
		t, err := readTrial(b)
		if err != nil {
			warnings = append(warnings, fmt.Sprintf("%s: %v; this profile is lost", path, err))
			continue
		}
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b Trial) int { return a.Trial - b.Trial })
	return all, warnings, nil
}
