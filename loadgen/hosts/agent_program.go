package hosts

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// programNames are the programs that a controller may ship.
var programNames = []string{"connbench", "connbench-engines"}

// install writes a shipped program into the lease's own folder.
func (s *serving) install(p program) error {
	s.leasing.Lock()
	defer s.leasing.Unlock()
	l := s.leaseOf(p.Lease)
	switch {
	case l == nil:
		return errNoLease
	case !s.Info.AllowUpdate:
		return fmt.Errorf("its agent takes no programs: start it with --allow-update")
	case !slices.Contains(programNames, p.Name):
		return fmt.Errorf("%q is no program of connbench", p.Name)
	case p.Object.Size < 0 || p.Object.Size > largestProgram:
		return fmt.Errorf("%s has %d bytes, over %d", p.Name, p.Object.Size, largestProgram)
	}
	if l.programs == nil {
		folder, err := makeFolder()
		if err != nil {
			return err
		}
		l.programs = folder
	}
	path := filepath.Join(l.programs.Dir, p.Name)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o700)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), objectTimeout)
	defer cancel()
	err = s.objects.get(ctx, bucketOf(s.Info.Name), p.Object, f)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		os.Remove(path)
		return fmt.Errorf("%s of %d bytes: %w", p.Name, p.Object.Size, err)
	}
	return nil
}
