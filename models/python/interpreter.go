package python

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// oldest is the first version of Python that runs the programs.
const oldest = "3.10"

// versionTest fails in what is older.
const versionTest = "import sys; print(sys.version.split()[0]); sys.exit(sys.version_info < (3, 10))"

// patience is how long an interpreter may take to say its version.
const patience = 10 * time.Second

// Interpreter runs Python programs.
type Interpreter struct {
	Path    string
	Version string // as 3.11.7
}

// Find returns the python3 that is first in $PATH. An error wraps
// [errors.ErrUnsupported] and says what is missing, unless ctx has ended.
func Find(ctx context.Context) (Interpreter, error) {
	var none Interpreter
	path, err := exec.LookPath("python3")
	if err != nil {
		return none, fmt.Errorf("no python3 in $PATH: %w", errors.ErrUnsupported)
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	test := exec.CommandContext(limited, path, "-E", "-s", "-c", versionTest)
	test.WaitDelay = time.Second
	out, err := test.Output()
	version := strings.TrimSpace(string(out))
	switch {
	case err == nil:
		return Interpreter{path, version}, nil
	case ctx.Err() != nil:
		return none, ctx.Err()
	case limited.Err() != nil:
		return none, fmt.Errorf("%s does not say its version within %v: %w", path, patience, errors.ErrUnsupported)
	case version == "":
		return none, fmt.Errorf("%s does not run (%v): %w", path, err, errors.ErrUnsupported)
	}
	return none, fmt.Errorf("%s is Python %s, older than %s: %w", path, version, oldest, errors.ErrUnsupported)
}
