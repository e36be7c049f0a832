package results

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrNoRun is wrapped by what [Open] returns for a folder that is not a run's.
var ErrNoRun = errors.New("not a run's folder")

// Open reads a run's folder back: what was planned, and every trial stored. The
// last line of trials.jsonl may be torn by a crash; it is then left out and
// reported in warnings. Anything else that cannot be read is an error with its
// place.
func Open(dir string) (run Run, trials []Trial, warnings []string, err error) {
	b, err := os.ReadFile(filepath.Join(dir, runFile))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%s: %w: it has no %s", dir, ErrNoRun, runFile)
		}
		return run, nil, nil, err
	}
	if err := json.Unmarshal(b, &run); err != nil {
		return run, nil, nil, fmt.Errorf("%s: %w", filepath.Join(dir, runFile), err)
	}
	if run.Version != formatVersion {
		return run, nil, nil, fmt.Errorf("%s: version %d of the format; this connbench reads %d", filepath.Join(dir, runFile), run.Version, formatVersion)
	}
	f, err := os.Open(filepath.Join(dir, trialsFile))
	if err != nil {
		return run, nil, nil, err
	}
	defer f.Close()
	trials, warnings, err = readTrials(f, filepath.Join(dir, trialsFile))
	return run, trials, warnings, err
}

// readTrials reads the lines of trials.jsonl; name is for messages.
func readTrials(r io.Reader, name string) (trials []Trial, warnings []string, err error) {
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			if len(line) > 0 {
				warnings = append(warnings, fmt.Sprintf("%s:%d: the line is torn; this trial is lost", name, n))
			}
			return trials, warnings, nil
		}
		if err != nil {
			return trials, warnings, err
		}
		var t Trial
		if err := json.Unmarshal(line, &t); err != nil {
			return trials, warnings, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		t.forget()
		trials = append(trials, t)
	}
}
