package loadgen

import "golang.org/x/sys/unix"

// descriptorLimit is how many files this process may have open. The Go runtime
// has raised it to the hard limit by the time anybody asks.
func descriptorLimit() (uint64, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, err
	}
	return limit.Cur, nil
}
