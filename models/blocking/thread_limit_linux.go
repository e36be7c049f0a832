package blocking

import (
	"bufio"
	"bytes"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

type threadLimit struct {
	name string
	room int
}

// systemThreads is how many threads the system would let this process start now, and
// which limit is the first to be met. Where exempt is asked, who may exceed RLIMIT_NPROC, by
// capability, is not held to it.
func systemThreads(exempt bool) (room int, limit string) {
	nproc := unix.Rlimit{Cur: unix.RLIM_INFINITY}
	if !exempt || !exceedsLimits() {
		unix.Getrlimit(unix.RLIMIT_NPROC, &nproc)
	}
	tightest := threadsOn(os.DirFS("/"), os.Getuid(), nproc.Cur)
	return tightest.room, tightest.name
}

// exceedsLimits reports whether this process has a capability to go beyond its limits of
// resources, as far as it can tell.
func exceedsLimits() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	const exempt = 1<<unix.CAP_SYS_RESOURCE | 1<<unix.CAP_SYS_ADMIN
	return unix.Capget(&header, &sets[0]) == nil && sets[0].Effective&exempt != 0
}

// threadsOn reads the limits of a system with these files. One that cannot be read is
// taken for none.
func threadsOn(system fs.FS, uid int, nproc uint64) threadLimit {
	tightest := threadLimit{"the Go runtime", 1 << 20}
	meet := func(name string, most, used int) {
		if most-used < tightest.room {
			tightest = threadLimit{name, max(0, most-used)}
		}
	}
	all := threadsOfAll(system)
	for _, name := range []string{"kernel.threads-max", "kernel.pid_max"} {
		if most, ok := readNumber(system, "proc/sys/"+strings.Replace(name, ".", "/", 1)); ok {
			meet(name, most, all)
		}
	}
	// C's library makes the threads of a program that is linked with it, and maps a
	// stack and a guard for each.
	if most, ok := readNumber(system, "proc/sys/vm/max_map_count"); ok {
		meet("vm.max_map_count", most/2, 0)
	}
	for _, dir := range pidsGroups(system) {
		most, limited := readNumber(system, dir+"/pids.max")
		used, ok := readNumber(system, dir+"/pids.current")
		if limited && ok {
			meet("pids.max of /"+dir, most, used)
		}
	}
	// Who is exempt from this one is hard to tell, so nobody is. Counting a user's
	// threads takes long, and is left undone where it makes no difference.
	if nproc < 1<<20 && int(nproc)-all < tightest.room {
		meet("RLIMIT_NPROC", int(nproc), threadsOfUser(system, uid))
	}
	return tightest
}

func readNumber(system fs.FS, name string) (int, bool) {
	text, err := fs.ReadFile(system, name)
	n, bad := strconv.Atoi(strings.TrimSpace(string(text)))
	return n, err == nil && bad == nil
}

// threadsOfAll is the number of threads there are: the one after the slash in
// "0.20 0.18 0.12 1/80 11206".
func threadsOfAll(system fs.FS) int {
	text, _ := fs.ReadFile(system, "proc/loadavg")
	_, after, _ := strings.Cut(string(text), "/")
	total, _, _ := strings.Cut(after, " ")
	n, _ := strconv.Atoi(total)
	return n
}

func threadsOfUser(system fs.FS, uid int) (threads int) {
	processes, _ := fs.Glob(system, "proc/[0-9]*/status")
	for _, name := range processes {
		text, _ := fs.ReadFile(system, name) // fails for one that has ended since
		owner, n := -1, 0
		for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
			key, value, _ := strings.Cut(lines.Text(), ":")
			fields := strings.Fields(value)
			switch {
			case key == "Uid" && len(fields) > 0: // the real one comes first
				owner, _ = strconv.Atoi(fields[0])
			case key == "Threads" && len(fields) > 0:
				n, _ = strconv.Atoi(fields[0])
			}
		}
		if owner == uid {
			threads += n
		}
	}
	return threads
}

// pidsGroups are the folders of this process's control groups, and of the groups that
// those are in, that may bound its threads. In a container the path may be that
// outside of it; the root is what there is then.
func pidsGroups(system fs.FS) (dirs []string) {
	text, _ := fs.ReadFile(system, "proc/self/cgroup")
	for line := range strings.Lines(string(text)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) < 3 {
			continue
		}
		root := "sys/fs/cgroup"
		switch controllers := strings.Split(fields[1], ","); {
		case slices.Contains(controllers, "pids"): // version 1
			root += "/pids"
		case fields[1] != "": // another of version 1
			continue
		}
		for dir := path.Join(root, fields[2]); strings.HasPrefix(dir, root); dir = path.Dir(dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}
