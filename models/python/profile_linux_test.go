package python_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"connbench/loadgen/process"
	"connbench/models/python"
)

// ask is the signal that begins a profile, and the one that ends it.
const ask = syscall.Signal(42)

// Each row says in which functions it spends CPU time, of all its threads, as often as it is
// asked to, and serves on.
func TestProfile(t *testing.T) {
	const enough = 60 * time.Millisecond // in which there are samples
	for _, row := range python.Rows() {
		t.Run(row.Name, func(t *testing.T) {
			t.Parallel()
			answers := filepath.Join(t.TempDir(), "answers")
			s := start(t, subject{row, 1}, row.Networks[0], subject{Row: row}.first(), "sh", "-c", `exec "$@" >`+answers, "sh")
			c := s.dial()
			for n := range 2 {
				s.check(s.cmds[0].Process.Signal(ask))
				for had := cpu(t, s); cpu(t, s) < had+enough; {
					s.check(exchange(c, s.message(1000)))
				}
				s.check(s.cmds[0].Process.Signal(ask))
				s.check(exchange(c, s.message(1000)))
				checkProfile(t, awaitLine(t, answers, n))
			}
			s.stop(syscall.SIGTERM)
			if s.said() != "" {
				t.Errorf("it said: %s", s.said())
			}
		})
	}
}

func cpu(t *testing.T, s *server) time.Duration {
	t.Helper()
	d, err := process.CPU(s.cmds[0].Process.Pid)
	s.check(err)
	return d
}

// awaitLine is line n of a file, when it is there.
func awaitLine(t *testing.T, path string, n int) []byte {
	t.Helper()
	for late := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		text, err := os.ReadFile(path)
		if lines := bytes.Split(text, []byte("\n")); err == nil && len(lines) > n+1 {
			return lines[n]
		}
		if time.Now().After(late) {
			t.Fatalf("no line %d: %q, %v", n, text, err)
		}
	}
}

func checkProfile(t *testing.T, line []byte) {
	t.Helper()
	var answer struct {
		Profile map[string]int64
		CPU     int64 `json:"cpu_ns"`
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		t.Fatal(err)
	}
	stacks := slices.Collect(maps.Keys(answer.Profile))
	if answer.CPU <= 0 || !slices.ContainsFunc(stacks, func(stack string) bool { return strings.Contains(stack, ".py:") }) {
		t.Errorf("%d ns in %q", answer.CPU, stacks)
	}
}
