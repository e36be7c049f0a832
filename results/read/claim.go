package read

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"

	"connbench/results"
	"connbench/results/stats"
)

// Claim is what somebody says without a measurement, and what became of it.
type Claim struct {
	ID       string        `json:"id"`     // its place in its source, and a letter where that says several things: 4b
	Words    string        `json:"words"`  // as it is claimed
	Method   string        `json:"method"` // what was done to find out
	Outcome  ClaimOutcome  `json:"outcome"`
	Sentence string        `json:"sentence"` // why
	Figures  []ClaimFigure `json:"figures"`  // that the outcome rests on
}

// ClaimOutcome is what became of a claim.
type ClaimOutcome string

const (
	Confirmed   ClaimOutcome = "confirmed"
	Refuted     ClaimOutcome = "refuted"
	Undecidable ClaimOutcome = "not decidable here" // the figures do not tell, or this machine cannot show it
)

// ClaimOutcomes are in the order in which they are counted.
var ClaimOutcomes = []ClaimOutcome{Confirmed, Refuted, Undecidable}

// ClaimFigure is a figure that was measured for a claim.
type ClaimFigure struct {
	Name  string  `json:"name"`  // for people: "resident memory of a thread, python-threading"
	Value float64 `json:"value"` // in Unit
	Unit  string  `json:"unit"`  // bytes, ns, % or a noun; empty for a ratio
	// Low and High are between which values the truth lies, with [Confidence]; absent
	// where that is not known.
	Low    *float64 `json:"low,omitempty"`
	High   *float64 `json:"high,omitempty"`
	Note   string   `json:"note,omitempty"`   // what the figure alone does not say
	Trials []int    `json:"trials,omitempty"` // of trials.jsonl, by their numbers; none for what was seen directly
}

// FigureOf is a figure of a claim without an interval.
func Figure(name string, value float64, unit string) ClaimFigure {
	return ClaimFigure{Name: name, Value: value, Unit: unit}
}

// Between gives the figure the bounds of an interval, if that has both.
func (f ClaimFigure) Between(i stats.Interval) ClaimFigure {
	if i.Bounded() {
		f.Low, f.High = &i.Low, &i.High
	}
	return f
}

// Noted gives the figure a note.
func (f ClaimFigure) Noted(format string, args ...any) ClaimFigure {
	f.Note = fmt.Sprintf(format, args...)
	return f
}

// From gives the figure the trials that it rests on.
func (f ClaimFigure) From(trials ...*results.Trial) ClaimFigure {
	f.Trials = append(f.Trials, results.Map(trials, func(t *results.Trial) int { return t.Trial })...)
	slices.Sort(f.Trials)
	f.Trials = slices.Compact(f.Trials)
	return f
}

// Rests says what the verdict rests on: the trials of the run, by their numbers; or nothing that is among them.
func (c *Claim) Rests() string {
	all := slices.Concat(results.Map(c.Figures, func(f ClaimFigure) []int { return f.Trials })...)
	switch {
	case len(c.Figures) == 0:
		return ""
	case len(all) == 0:
		return "Seen directly in this run, without a trial."
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) == 1 {
		return fmt.Sprintf("By trial %d of this run.", all[0])
	}
	first, last := all[0], all[len(all)-1]
	switch {
	case len(all) == 2:
		return fmt.Sprintf("By trials %d and %d of this run.", first, last)
	case last-first >= len(all):
		return fmt.Sprintf("By %d of the trials %d to %d of this run.", len(all), first, last)
	}
	return fmt.Sprintf("By %d trials of this run, %d to %d.", len(all), first, last)
}

// Text is the figure for people: "8 MiB", "1.4 (1.2 to 1.6)".
func (f *ClaimFigure) Text() string {
	write := f.write()
	text := write(f.Value)
	if f.Low != nil && f.High != nil {
		text += fmt.Sprintf(" (%s)", stats.Interval{Estimate: f.Value, Low: *f.Low, High: *f.High}.Bounds(write))
	}
	switch f.Unit {
	case "", "bytes", "ns", "%":
	default:
		text += " " + f.Unit
	}
	return text
}

func (f *ClaimFigure) write() func(float64) string {
	switch f.Unit {
	case "bytes":
		return results.ByteCount.Text
	case "ns":
		return results.Nanoseconds.Text
	case "%":
		return func(v float64) string { return results.Shortest(results.Significant(v)) + " %" }
	case "":
		return func(v float64) string { return results.Times(v) + " times" }
	}
	return func(v float64) string {
		if v == float64(int64(v)) && v < 1e6 {
			return strconv.FormatInt(int64(v), 10)
		}
		return results.Count(v)
	}
}

// CountOutcomes counts claims by their outcome.
func CountOutcomes(claims []Claim) map[ClaimOutcome]int {
	n := map[ClaimOutcome]int{}
	for i := range claims {
		n[claims[i].Outcome]++
	}
	return n
}

// clean makes a line that can be printed of each text, which may hold what others said.
func (c *Claim) clean() {
	texts := []*string{&c.ID, &c.Words, &c.Method, &c.Sentence}
	for _, f := range results.Each(c.Figures) {
		texts = append(texts, &f.Name, &f.Unit, &f.Note)
	}
	for _, text := range texts {
		*text = results.OneLine(results.Clean(*text))
	}
}

const claimsFile = "claims.json"

// SaveClaims writes claims into a run's folder, in the place of those there.
func SaveClaims(dir string, claims []Claim) error {
	return results.SaveJSON(filepath.Join(dir, claimsFile), claims)
}

// OpenClaims reads the claims in a run's folder, none where none was saved.
func OpenClaims(dir string) (claims []Claim, err error) {
	path := filepath.Join(dir, claimsFile)
	err = results.ReadJSON(path, &claims)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for i := range claims {
		claims[i].clean()
	}
	if err := results.Check(claims); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return claims, nil
}
