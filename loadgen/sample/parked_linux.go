package sample

import (
	"bytes"
	"fmt"
	"strconv"

	"connbench/loadgen/profile"
	"connbench/results"
)

// parked counts threads by the system call in which they wait, where the kernel says so
// (it is ours to ask, and built with CONFIG_HAVE_ARCH_TRACEHOOK). Those that run are
// left out.
func parked(tids []int) results.Parked {
	counted := results.Parked{}
	buf := make([]byte, 512)
	for _, tid := range tids {
		first, _, _ := bytes.Cut(readInto(buf, fmt.Sprintf("/proc/%d/syscall", tid)), []byte(" "))
		call, err := strconv.Atoi(string(first))
		if err != nil || call < 0 {
			continue // running, or in the kernel without a call
		}
		counted[profile.CallName(call)]++
	}
	if len(counted) == 0 {
		return nil
	}
	return counted
}
