package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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
	figuresDir    = "figures"
)

// Run is what run.json says: everything that was decided before the first trial.
type Run struct {
	Version     int             `json:"version"`        // of this format
	Kind        string          `json:"kind,omitempty"` // as below; empty for a sweep
	Command     []string        `json:"command"`        // the full command line
	Seed        uint64          `json:"seed"`           // of the order of trials and of what they send
	Plan        json.RawMessage `json:"plan"`
	Choose      json.RawMessage `json:"choose,omitempty"` // of a run of a choice, what that was asked beside the plan
	Models      []string        `json:"models"`           // in the plan's order
	Trials      int             `json:"trials"`           // that the plan comes to
	CreatedAt   time.Time       `json:"created_at"`
	Environment Environment     `json:"environment"`
	// Looks is what the run decided between blocks, which is in a file of its own.
	Looks []Look `json:"-"`
	// Elsewhere is where trials were made that are not of Environment; see [Store.GoOnIn].
	Elsewhere []Environment `json:"elsewhere,omitempty"`
}

// The kinds of a run that is no sweep of models.
const (
	TableRun = "table" // a comparison table
	TuneRun  = "tune"  // the values of a knob
	// ClaimsRun is of trials for several experiments, about claims.
	ClaimsRun = "claims"
	ScaleRun  = "scale" // ever more connections
)

// formatVersion is the version of a run's folder that this package writes.
const formatVersion = 1

// Store is a run's folder, open for appending. It is for one process and one
// goroutine at a time.
//
// Whatever ends a write half-way, the folder holds the run, once Create has
// returned, and every trial whose Append has; no log in it is torn, and at most one
// line, the last.
type Store struct {
	Dir    string
	Run    Run
	disk   disk
	folder *Folder
	trials file
	size   int64 // of the whole lines in trials
	where  int   // Trial.Environment of what is appended
	torn   bool  // something follows them
}

// Create makes a run's folder and holds it until Close; see [NewFolder].
func Create(dir string, run Run) (*Store, error) { return create(system{}, dir, run) }

func create(d disk, dir string, run Run) (*Store, error) {
	run.Version = formatVersion
	folder, err := newFolder(d, dir)
	if err != nil {
		return nil, err
	}
	s := &Store{Dir: dir, Run: run, disk: d, folder: folder}
	if err = subfolder(d, filepath.Join(dir, histogramsDir)); err == nil {
		err = s.openTrials(os.O_CREATE)
	}
	if err == nil {
		err = writeJSON(d, filepath.Join(dir, runFile), run, true)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Reopen opens a run's folder to append what is missing, holds it until Close, and
// returns the trials that are there as [Open] does. A torn last line is cut off. If
// another process writes there the error wraps [ErrInUse].
func Reopen(dir string) (s *Store, trials []Trial, warnings []string, err error) {
	return reopen(system{}, dir)
}

func reopen(d disk, dir string) (s *Store, trials []Trial, warnings []string, err error) {
	folder, err := d.hold(dir)
	if err != nil {
		if _, _, _, no := Open(dir); no != nil {
			err = no // which says more
		}
		return nil, nil, nil, err
	}
	s = &Store{Dir: dir, disk: d, folder: folder}
	if s.Run, trials, warnings, err = Open(dir); err == nil {
		err = s.goOn()
	}
	if err != nil {
		s.Close()
		return nil, nil, nil, err
	}
	return s, trials, warnings, nil
}

// goOn tidies up behind the process that wrote into the folder before.
func (s *Store) goOn() error {
	histograms := filepath.Join(s.Dir, histogramsDir)
	if err := subfolder(s.disk, histograms); err != nil {
		return err
	}
	if err := errors.Join(removeTemporary(s.Dir), removeTemporary(histograms)); err != nil {
		return err
	}
	b, err := os.ReadFile(filepath.Join(s.Dir, trialsFile))
	if err != nil {
		return err
	}
	if err := s.openTrials(0); err != nil {
		return err
	}
	whole := int64(bytes.LastIndexByte(b, '\n') + 1)
	s.size, s.torn = whole, s.size > whole
	return s.mend()
}

func (s *Store) openTrials(flag int) error {
	path := filepath.Join(s.Dir, trialsFile)
	f, err := s.disk.open(path, flag|os.O_WRONLY|os.O_APPEND)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		f.Close()
		return err
	}
	s.trials, s.size = f, info.Size()
	return nil
}

// Append stores a trial and its distributions, by name, notes in the trial where these are
// and where it was made, and returns when they are on the disk. The trial's line comes last, so that a line that is there has
// its histograms too. A trial that cannot be stored leaves no trace, and may be
// appended again when there is room.
func (s *Store) Append(t *Trial, distributions map[string]*hdrhistogram.Histogram) error {
	var log []byte
	if len(distributions) > 0 {
		var err error
		if log, err = EncodeLog(t, distributions); err != nil {
			return fmt.Errorf("histograms of trial %d: %w", t.Trial, err)
		}
	}
	return s.append(t, log)
}

// append stores a trial and its histogram log, which is nil for none.
func (s *Store) append(t *Trial, log []byte) (err error) {
	t.Environment, t.Failure = s.where, Clean(t.Failure)
	defer func() {
		if err != nil {
			err = fmt.Errorf("store trial %d: %w", t.Trial, err)
		}
	}()
	if log != nil {
		t.Histograms = filepath.Join(histogramsDir, logName(t))
		if err := writeWhole(s.disk, filepath.Join(s.Dir, t.Histograms), log, false); err != nil {
			return err
		}
	}
	line, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return s.appendLine(append(line, '\n'))
}

// appendLine adds a line to trials.jsonl, or cuts off what there is of it.
func (s *Store) appendLine(line []byte) error {
	if err := s.mend(); err != nil {
		return err
	}
	_, err := s.trials.Write(line)
	if err == nil {
		err = s.trials.Sync()
	}
	if err != nil {
		s.torn = true
		s.mend() // or the next Append does, or Reopen
		return err
	}
	s.size += int64(len(line))
	return nil
}

// mend cuts off what follows the whole lines.
func (s *Store) mend() error {
	if !s.torn {
		return nil
	}
	if err := s.trials.Truncate(s.size); err != nil {
		return fmt.Errorf("cut off a torn line: %w", err)
	}
	s.torn = false
	return nil
}

// Close ends appending and lets go of the folder.
func (s *Store) Close() error {
	err := s.folder.Release()
	if s.trials != nil {
		err = errors.Join(err, s.trials.Close())
	}
	return err
}

// FiguresDir is where a run's figures go.
func FiguresDir(dir string) string { return filepath.Join(dir, figuresDir) }
