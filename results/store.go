package results

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The names in a run's folder.
const (
	runFile       = "run.json"
	trialsFile    = "trials.jsonl"
	histogramsDir = "histograms"
	summaryFile   = "summary.csv"
	figuresDir    = "figures"
)

// Run is what run.json says: everything that was decided before the first trial.
type Run struct {
	Version     int             `json:"version"` // of this format
	Command     []string        `json:"command"` // the full command line
	Seed        uint64          `json:"seed"`    // of the order of trials and of what they send
	Plan        json.RawMessage `json:"plan"`
	Models      []string        `json:"models"` // in the plan's order
	Trials      int             `json:"trials"` // that the plan comes to
	CreatedAt   time.Time       `json:"created_at"`
	Environment Environment     `json:"environment"`
}

// formatVersion is the version of a run's folder that this package writes.
const formatVersion = 1

// ErrNoRun is wrapped by what [Open] returns for a folder that is not a run's.
var ErrNoRun = errors.New("not a run's folder")

// Store is a run's folder, open for appending. It is for one process and one
// goroutine at a time.
type Store struct {
	Dir    string
	Run    Run
	trials *os.File
}

// Create makes a run's folder. One that holds a run already is refused.
func Create(dir string, run Run) (*Store, error) {
	if err := os.MkdirAll(filepath.Join(dir, histogramsDir), 0o755); err != nil {
		return nil, err
	}
	run.Version = formatVersion
	b, err := json.MarshalIndent(run, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := writeNew(filepath.Join(dir, runFile), append(b, '\n')); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("%s holds a run already", dir)
		}
		return nil, err
	}
	s := &Store{Dir: dir, Run: run}
	s.trials, err = os.OpenFile(filepath.Join(dir, trialsFile), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	return s, err
}

// Reopen opens a run's folder to append what is missing, and returns the trials
// that are there as [Open] does. A torn last line is cut off.
func Reopen(dir string) (s *Store, trials []Trial, warnings []string, err error) {
	run, trials, warnings, err := Open(dir)
	if err != nil {
		return nil, nil, nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, trialsFile), os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return nil, nil, nil, err
	}
	b, err := io.ReadAll(f)
	if err == nil {
		err = f.Truncate(int64(bytes.LastIndexByte(b, '\n') + 1))
	}
	if err != nil {
		f.Close()
		return nil, nil, nil, err
	}
	return &Store{Dir: dir, Run: run, trials: f}, trials, warnings, nil
}

func writeNew(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

// Append stores a trial and its distributions, by name, and returns when they
// are on the disk. The trial's line comes last, so that a line that is there has
// its histograms too.
func (s *Store) Append(t Trial, distributions map[string]*hdrhistogram.Histogram) error {
	if len(distributions) > 0 {
		t.Histograms = filepath.Join(histogramsDir, fmt.Sprintf("%05d.hlog", t.Trial))
		if err := writeLog(filepath.Join(s.Dir, t.Histograms), &t, distributions); err != nil {
			return err
		}
	}
	line, err := json.Marshal(t)
	if err != nil {
		return err
	}
	if _, err := s.trials.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("store trial %d: %w", t.Trial, err)
	}
	return s.trials.Sync()
}

// Close ends appending.
func (s *Store) Close() error { return s.trials.Close() }

// FiguresDir is where a run's figures go.
func FiguresDir(dir string) string { return filepath.Join(dir, figuresDir) }

// WriteSummary writes summary.csv from what is stored.
func WriteSummary(dir string, points []Point) error {
	var b bytes.Buffer
	if err := WriteCSV(&b, points); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, summaryFile), b.Bytes(), 0o644)
}

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
		trials = append(trials, t)
	}
}
