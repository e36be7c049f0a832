package baseline

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"connbench/results"
)

// Dir is the folder in which runs are kept that say no other.
const Dir = "runs"

// Find is the run's folder that a path leads to, or a name in it; see [results.NamedRun]. A name
// alone is one in runs/.
func Find(path string) (string, error) {
	dir, err := results.NamedRun(path)
	if in := filepath.Join(Dir, path); err == nil && dir == path && filepath.Base(path) == path && !Exists(path) {
		if named, err := results.NamedRun(in); err != nil || named != in {
			return named, err
		}
	}
	return dir, err
}

// Unfound is the error of what is no run's folder, which may be meant as a name.
func Unfound(path string, err error) error {
	if Exists(path) || filepath.Base(path) != path || !errors.Is(err, results.ErrNoRun) {
		return err
	}
	return fmt.Errorf("%w, nor is it a name in %s (one in another folder of runs is DIR/%s)", err, Dir, path)
}

// Exists reports whether something is there.
func Exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
