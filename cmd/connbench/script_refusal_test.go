package main

import (
	"errors"
	"os/exec"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// refuses [-files=N | -tmp=DIR] REGEXP ARG... runs connbench, which may open N files, or
// has DIR for temporary ones, and must say why it does not do that: exit status 2, one line on standard error that
// matches, nothing on standard output.
func refuses(ts *testscript.TestScript, neg bool, args []string) { oneLine(ts, neg, args, exitUsage) }

// fails is refuses for exit status 1.
func fails(ts *testscript.TestScript, neg bool, args []string) { oneLine(ts, neg, args, exitFailed) }

func oneLine(ts *testscript.TestScript, neg bool, args []string, status int) {
	command := []string{"connbench"}
	if len(args) > 0 && strings.HasPrefix(args[0], "-files=") {
		command = []string{"sh", "-c", `ulimit -n "$0" && exec connbench "$@"`, strings.TrimPrefix(args[0], "-files=")}
		args = args[1:]
	}
	if len(args) > 0 && strings.HasPrefix(args[0], "-tmp=") {
		command = []string{"env", "TMPDIR=" + strings.TrimPrefix(args[0], "-tmp="), "connbench"}
		args = args[1:]
	}
	if neg || len(args) < 1 {
		ts.Fatalf("usage: refuses|fails [-files=n | -tmp=dir] regexp [arg...]")
	}
	want, err := regexp.Compile(args[0])
	ts.Check(err)
	command = append(command, args[1:]...)
	err = ts.Exec(command[0], command[1:]...)
	got := exitDone
	if exited := (*exec.ExitError)(nil); errors.As(err, &exited) {
		got = exited.ExitCode()
	} else {
		ts.Check(err)
	}
	said := ts.ReadFile("stderr")
	if got != status {
		ts.Fatalf("exit status %d, want %d", got, status)
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("standard output should be empty")
	}
	line, more, _ := strings.Cut(said, "\n")
	if more != "" || !strings.HasPrefix(line, "connbench: ") || !want.MatchString(line) {
		ts.Fatalf("want one line `connbench: ...` that matches %q on standard error", want)
	}
}
