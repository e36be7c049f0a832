package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"
)

// errNoCgroup is where the system has no control group of a kind mounted.
var errNoCgroup = errors.New("no such control group is mounted")

// cgroup lists the folders of this process's control group with the given
// controller and of all that are above it, as far as they are mounted; unified says
// that they are version 2.
func (m machine) cgroup(controller string) (folders []string, unified bool, err error) {
	proc, err := m.proc()
	if err != nil {
		return nil, false, err
	}
	self, err := proc.Self()
	if err != nil {
		return nil, false, err
	}
	groups, err := self.Cgroups()
	if err != nil {
		return nil, false, err
	}
	mounts, err := proc.GetMounts()
	if err != nil {
		return nil, false, err
	}
	group, ok := groupOf(groups, controller)
	if !ok {
		return nil, false, errNoCgroup
	}
	for _, mount := range mounts {
		if mountsGroup(mount, group, controller) {
			return upwards(mount, group.Path), group.HierarchyID == 0, nil
		}
	}
	return nil, false, errNoCgroup
}

// groupOf is the group of version 1 that has the controller, else that of version 2.
func groupOf(groups []procfs.Cgroup, controller string) (found procfs.Cgroup, ok bool) {
	for _, g := range groups {
		if slices.Contains(g.Controllers, controller) {
			return g, true
		}
		if g.HierarchyID == 0 {
			found, ok = g, true
		}
	}
	return found, ok
}

func mountsGroup(mount *procfs.MountInfo, group procfs.Cgroup, controller string) bool {
	if group.HierarchyID == 0 {
		return mount.FSType == "cgroup2"
	}
	_, has := mount.SuperOptions[controller]
	return mount.FSType == "cgroup" && has
}

// upwards lists the folder of a group and those above it, up to the mount point.
func upwards(mount *procfs.MountInfo, path string) []string {
	rel, err := filepath.Rel(mount.Root, path)
	if err != nil || strings.HasPrefix(rel, "..") { // in a namespace that hides where it is
		rel = "."
	}
	folders := []string{filepath.Join(mount.MountPoint, rel)}
	for ; rel != "."; folders = append(folders, filepath.Join(mount.MountPoint, rel)) {
		rel = filepath.Dir(rel)
	}
	return folders
}

// pidsMax is the least of the control groups' limits on processes and threads.
func (m machine) pidsMax() (uint64, error) {
	folders, _, err := m.cgroup("pids")
	if err != nil {
		return 0, err
	}
	least := uint64(math.MaxUint64)
	for _, folder := range folders {
		if text, err := m.line(folder, "pids.max"); err == nil {
			if n, err := strconv.ParseUint(text, 10, 64); err == nil { // else it is max
				least = min(least, n)
			}
		}
	}
	return least, nil
}

// quota is how much CPU time a control group may use.
type quota struct {
	cpus      float64 // at once in the mean; infinite without a quota
	throttled int64   // periods so far in which it was stopped
}

func (m machine) readQuota() (quota, error) {
	least := quota{cpus: math.Inf(1)}
	folders, unified, err := m.cgroup("cpu")
	if err != nil {
		return least, err
	}
	for _, folder := range folders {
		cpus, err := m.readCPUMax(folder, unified)
		if errors.Is(err, fs.ErrNotExist) {
			continue // as in the root
		}
		if err != nil {
			return least, err
		}
		least.cpus = min(least.cpus, cpus)
		if stat, err := m.line(folder, "cpu.stat"); err == nil {
			least.throttled = max(least.throttled, parseThrottled(stat))
		}
	}
	return least, nil
}

func (m machine) readCPUMax(folder string, unified bool) (float64, error) {
	if unified {
		text, err := m.line(folder, "cpu.max")
		if err != nil {
			return 0, err
		}
		return parseCPUMax(text)
	}
	quota, err := m.line(folder, "cpu.cfs_quota_us")
	if err != nil {
		return 0, err
	}
	period, err := m.line(folder, "cpu.cfs_period_us")
	if err != nil {
		return 0, err
	}
	return parseCPUMax(quota + " " + period)
}

// parseCPUMax reads a quota and its period, in microseconds, as CPUs: infinitely
// many if the quota is max or -1.
func parseCPUMax(text string) (float64, error) {
	limit, period, _ := strings.Cut(text, " ")
	every, err := strconv.ParseUint(period, 10, 32)
	if err != nil || every == 0 {
		return 0, fmt.Errorf("%q is no quota and period", text)
	}
	if limit == "max" || limit == "-1" {
		return math.Inf(1), nil
	}
	most, err := strconv.ParseUint(limit, 10, 53)
	if err != nil {
		return 0, fmt.Errorf("%q is no quota and period", text)
	}
	return float64(most) / float64(every), nil
}

// parseThrottled reads nr_throttled from the pairs of a cpu.stat, 0 if it has none.
func parseThrottled(stat string) int64 {
	fields := strings.Fields(stat)
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i] == "nr_throttled" {
			n, _ := strconv.ParseInt(fields[i+1], 10, 64)
			return n
		}
	}
	return 0
}
