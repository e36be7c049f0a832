package system

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"
)

// Cgroups are the control groups of this process and all that are above them, of version
// 1, 2 or both, which its servers and clients are in too. Root is that of the file system
// in which they are read; empty for /.
type Cgroups struct{ Root string }

func (c Cgroups) root() string { return cmp.Or(c.Root, "/") }

var errNoCgroup = errors.New("no such control group is mounted")

// folders lists that of the group with the given controller and of all that are above
// it, as far as they are mounted; unified says that they are version 2.
func (c Cgroups) folders(controller string) (folders []string, unified bool, err error) {
	proc, err := procfs.NewFS(filepath.Join(c.root(), "proc"))
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

func (c Cgroups) line(folder, name string) (string, error) { return Line(c.root(), folder, name) }

// Line reads a file of one line, with single spaces between its words.
func Line(path ...string) (string, error) {
	b, err := os.ReadFile(filepath.Join(path...))
	return strings.Join(strings.Fields(string(b)), " "), err
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

// PIDs is the least of the groups' limits on processes and threads, [math.MaxUint64]
// where there is none.
func (c Cgroups) PIDs() (uint64, error) {
	folders, _, err := c.folders("pids")
	if err != nil {
		return 0, err
	}
	least := uint64(math.MaxUint64)
	for _, folder := range folders {
		if n, err := c.number(folder, "pids.max"); err == nil {
			least = min(least, n)
		}
	}
	return least, nil
}

// number reads a file of one number, or of max.
func (c Cgroups) number(folder, name string) (uint64, error) {
	text, err := c.line(folder, name)
	if err != nil {
		return 0, err
	}
	if text == "max" {
		return math.MaxUint64, nil
	}
	return strconv.ParseUint(text, 10, 64)
}

// Quota is how much CPU time control groups may use.
type Quota struct {
	CPUs      float64 // at once in the mean; infinite without a quota
	Throttled int64   // periods so far in which one was stopped
}

// Quota is the least of the groups'.
func (c Cgroups) Quota() (Quota, error) {
	least := Quota{CPUs: math.Inf(1)}
	folders, unified, err := c.folders("cpu")
	if err != nil {
		return least, err
	}
	for _, folder := range folders {
		cpus, err := c.readCPUMax(folder, unified)
		if errors.Is(err, fs.ErrNotExist) {
			continue // as in the root
		}
		if err != nil {
			return least, err
		}
		least.CPUs = min(least.CPUs, cpus)
		if stat, err := c.line(folder, "cpu.stat"); err == nil {
			least.Throttled = max(least.Throttled, pair(stat, "nr_throttled"))
		}
	}
	return least, nil
}

func (c Cgroups) readCPUMax(folder string, unified bool) (float64, error) {
	if unified {
		text, err := c.line(folder, "cpu.max")
		if err != nil {
			return 0, err
		}
		return parseCPUMax(text)
	}
	quota, err := c.line(folder, "cpu.cfs_quota_us")
	if err != nil {
		return 0, err
	}
	period, err := c.line(folder, "cpu.cfs_period_us")
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

// pair is the number behind a name in a file of such pairs, 0 if it has none.
func pair(text, name string) int64 {
	fields := strings.Fields(text)
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i] == name {
			n, _ := strconv.ParseInt(fields[i+1], 10, 64)
			return n
		}
	}
	return 0
}
