package results

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// looksFile has what a run decided between its blocks, one decision a line.
const looksFile = "looks.jsonl"

// Look is what a run decided about a point when it looked at what it knew so far: which rows
// are not in further blocks, and why. It follows from the trials before it, so that a run that
// goes on comes to the same.
type Look struct {
	Trial        int     `json:"trial"`  // before which one, by its number
	Blocks       int     `json:"blocks"` // of the point, until then
	Planned      int     `json:"blocks_planned"`
	Level        float64 `json:"level"` // at which was decided, for rows that do not differ
	Clients      int     `json:"clients"`
	PayloadBytes int     `json:"payload_bytes"`
	RateRPS      float64 `json:"rate_rps,omitempty"` // 0 of a closed loop

	Left []Leaving `json:"left"`
}

// Leaving is a row that is not in further blocks.
type Leaving struct {
	Model string `json:"model"`
	Why   string `json:"why"`
}

// Trials is how many trials the run is spared.
func (l *Look) Trials() int { return len(l.Left) * (l.Planned - l.Blocks) }

// Planned is how many trials the run comes to: what it began with, without those it was
// spared. Where it began with no number it is 0.
func (r *Run) Planned() int {
	n := r.Trials
	for i := range r.Looks {
		n -= r.Looks[i].Trials()
	}
	return max(0, n)
}

// Looked stores all that the run has decided so far.
func (s *Store) Looked(looks []Look) error {
	var b []byte
	for i := range looks {
		line, err := json.Marshal(&looks[i])
		if err != nil {
			return err
		}
		b = append(append(b, line...), '\n')
	}
	if err := writeWhole(s.disk, filepath.Join(s.Dir, looksFile), b, false); err != nil {
		return fmt.Errorf("store what was decided: %w", err)
	}
	s.Run.Looks = looks
	return nil
}

// readLooks reads what a run has decided; most have decided nothing.
func readLooks(dir string) (looks []Look, err error) {
	path := filepath.Join(dir, looksFile)
	b, err := ReadRegular(path, MaxRunBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, maxLineBytes)
	for n := 1; lines.Scan(); n++ {
		var l Look
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		if err := Check(&l); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		looks = append(looks, l)
	}
	return looks, lines.Err()
}
