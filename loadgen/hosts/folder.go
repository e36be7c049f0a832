package hosts

import (
	"errors"
	"os"
	"path/filepath"

	"connbench/results"
)

// folderPrefix begins the names of the folders that agents and controllers have in the temporary
// directory.
const folderPrefix = "connbench-hosts-"

// makeFolder makes a folder that this process holds until [removeFolder]. Those of processes that were
// killed are removed, which nobody holds, where it can be told.
func makeFolder() (*results.Folder, error) {
	removeOrphans()
	for {
		path, err := os.MkdirTemp("", folderPrefix)
		if err != nil {
			return nil, err
		}
		f, err := results.HoldFolder(path)
		if err == nil {
			if _, err = os.Stat(path); err == nil {
				return f, nil
			}
			f.Release()
		}
		if !errors.Is(err, results.ErrInUse) && !errors.Is(err, os.ErrNotExist) { // by who took it for an orphan
			return nil, err
		}
	}
}

func removeFolder(f *results.Folder) {
	os.RemoveAll(f.Dir)
	f.Release()
}

func removeOrphans() {
	paths, _ := filepath.Glob(filepath.Join(os.TempDir(), folderPrefix+"*"))
	for _, path := range paths {
		if f, err := results.HoldFolder(path); err == nil && f.Locked {
			removeFolder(f)
		} else if err == nil {
			f.Release()
		}
	}
}
