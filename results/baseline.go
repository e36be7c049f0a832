package results

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// baselinesFile is in a folder of runs.
const baselinesFile = "baselines.json"

// Baselines are names that somebody gave to runs of a folder, to hold others against them: by name
// the run's folder in it.
type Baselines map[string]string

// ReadBaselines reads those of a folder of runs. One that has none, or that is not there, has no names.
func ReadBaselines(dir string) (all Baselines, err error) {
	path := filepath.Join(dir, baselinesFile)
	err = ReadJSON(path, &all)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, name := range all.Names() {
		if err := cmp.Or(checkBaseline(name), checkEntry(all[name])); err != nil {
			return nil, fmt.Errorf("%s: baseline %q: %w", path, name, err)
		}
	}
	return all, nil
}

// Names are sorted.
func (b Baselines) Names() []string { return slices.Sorted(maps.Keys(b)) }

// SetBaseline names a run of a folder, or with no run takes the name away. A run that had the name
// loses it.
func SetBaseline(dir, name, run string) error {
	if err := checkBaseline(name); err != nil {
		return err
	}
	all, err := ReadBaselines(dir)
	if err != nil {
		return err
	}
	if all == nil {
		all = Baselines{}
	}
	if all[name] = run; run == "" {
		delete(all, name)
	} else if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
		return fmt.Errorf("%s is in %s already: a name must not be that of anything there", name, dir)
	}
	return SaveJSON(filepath.Join(dir, baselinesFile), all)
}

// NamedRun is the run's folder that a path leads to: the path itself where something is there, and
// where its last part is a name in the folder that the rest is of, the run of that name.
func NamedRun(path string) (string, error) {
	if _, err := os.Lstat(path); err == nil {
		return path, nil
	}
	dir, name := filepath.Split(filepath.Clean(path))
	all, err := ReadBaselines(filepath.Clean(dir))
	if run := all[name]; run != "" {
		return filepath.Join(dir, run), nil
	}
	return path, err
}

var errBaseline = errors.New("a word without / and : that does not begin with -")

// checkBaseline refuses what would not stand alone as the last part of a path, before a row's name.
func checkBaseline(name string) error {
	if err := checkEntry(name); err != nil || strings.HasPrefix(name, "-") || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == ':' || r == 0x7F }) {
		return errBaseline
	}
	return nil
}

// checkEntry refuses what is no name of an entry of a folder.
func checkEntry(name string) error {
	if name == "" || name == "." || name == ".." || name != filepath.Base(name) || strings.ContainsAny(name, "/\\\x00") {
		return fmt.Errorf("%q is no name of a folder in it", name)
	}
	return nil
}
