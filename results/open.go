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
// place, and so is a value that no trial has, and a trial that is stored twice.
func Open(dir string) (run Run, trials []Trial, warnings []string, err error) {
	if run, err = Planned(dir); err != nil {
		return run, nil, nil, err
	}
	if run.Looks, err = readLooks(dir); err != nil {
		return run, nil, nil, err
	}
	f, err := OpenRegular(filepath.Join(dir, trialsFile), maxTrialsBytes)
	if err != nil {
		return run, nil, nil, err
	}
	defer f.Close()
	trials, warnings, err = readTrials(f, filepath.Join(dir, trialsFile))
	for i := range trials {
		if known := len(run.Elsewhere); trials[i].Environment > known && err == nil {
			err = fmt.Errorf("%s:%d: environment: %d is not allowed (0 to %d, which %s has)", filepath.Join(dir, trialsFile), i+1, trials[i].Environment, known, runFile)
		}
	}
	return run, trials, warnings, err
}

// Planned reads what was planned alone.
func Planned(dir string) (run Run, err error) {
	err = ReadJSON(filepath.Join(dir, runFile), &run)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s: %w: it has no %s", dir, ErrNoRun, runFile)
	}
	if err != nil {
		return run, err
	}
	if run.Version != formatVersion {
		return run, fmt.Errorf("%s: version %d of the format; this connbench reads %d", filepath.Join(dir, runFile), run.Version, formatVersion)
	}
	if err := Check(&run); err != nil {
		return run, fmt.Errorf("%s: %w", filepath.Join(dir, runFile), err)
	}
	return run, nil
}

// IsRun reports whether a folder has a run, whole or not.
func IsRun(dir string) bool {
	info, err := os.Lstat(filepath.Join(dir, runFile))
	return err == nil && info.Mode().IsRegular()
}

// readTrials reads the lines of trials.jsonl; name is for messages.
func readTrials(r io.Reader, name string) (trials []Trial, warnings []string, err error) {
	type attempt struct{ trial, attempt int }
	seen := map[attempt]int{} // on which line
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLineBytes)
	whole := false // whether the last line was
	lines.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		advance, line, err := bufio.ScanLines(data, atEOF)
		whole = advance > 0 && data[advance-1] == '\n'
		return advance, line, err
	})
	n := 1
	for ; lines.Scan(); n++ {
		if !whole {
			return trials, append(warnings, fmt.Sprintf("%s:%d: the line is torn; this trial is lost", name, n)), nil
		}
		t, err := readTrial(lines.Bytes())
		if at := (attempt{t.Trial, t.Attempt}); err == nil && seen[at] > 0 {
			err = fmt.Errorf("trial %d, attempt %d, is on line %d already", t.Trial, t.Attempt, seen[at])
		}
		if err != nil {
			return trials, warnings, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		seen[attempt{t.Trial, t.Attempt}] = n
		trials = append(trials, t)
	}
	if err := lines.Err(); err != nil {
		return trials, warnings, fmt.Errorf("%s:%d: %w", name, n, err)
	}
	return trials, warnings, nil
}

func readTrial(line []byte) (Trial, error) {
	var t Trial
	if err := json.Unmarshal(line, &t); err != nil {
		return t, err
	}
	t.forget()
	t.Failure = Clean(t.Failure)
	return t, Check(&t)
}

// The longest files of a run's folder that are read, and the longest line of its trials:
// some hundred times what they come to.
const (
	MaxRunBytes  = 64 << 20
	MaxLogBytes  = 64 << 20
	maxLineBytes = 16 << 20

	maxTrialsBytes = 1 << 40
)

// openRegular opens a file of up to so many bytes to read it, which must be one of bytes
// at rest: a device may never end, a pipe may never begin, and a link leads elsewhere.
func OpenRegular(path string, limit int64) (*os.File, error) {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file", path)
	case info.Size() > limit:
		return nil, fmt.Errorf("%s has %s, where %s are the most", path, Bytes(info.Size()), Bytes(limit))
	}
	return os.Open(path)
}

// readRegular reads such a file of up to so many bytes.
func ReadRegular(path string, limit int64) ([]byte, error) {
	f, err := OpenRegular(path, limit)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit))
}

// ReadJSON reads such a file that is a value of JSON.
func ReadJSON(path string, into any) error {
	b, err := ReadRegular(path, MaxRunBytes)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
