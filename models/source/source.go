// Package source counts what the source of a model takes: lines, functions and
// cyclomatic complexity, of its own and in what it shares with others. Lines are those
// of declarations that have code on them. What every model takes, as the codecs and the
// listener, tells no two apart: how simple one is beside another is what it takes beyond
// that, be it in files of its own or in an engine that it has in common with a few.
package source

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"connbench/models"
)

// Complexity is what the source of a model takes.
type Complexity struct {
	Own    Amount       `json:"own"`
	Shared Amount       `json:"shared"`
	Beyond Amount       `json:"beyond"` // of both, what not every row that is counted takes
	Files  []FileAmount `json:"files"`  // its own ones first
}

// Amount is how much source there is.
type Amount struct {
	Lines       int       `json:"lines"`
	Functions   int       `json:"functions"`
	Cyclomatic  int       `json:"cyclomatic"` // of all functions together
	MostComplex *Function `json:"most_complex,omitempty"`
}

// Function is one with its cyclomatic complexity.
type Function struct {
	Name       string `json:"function"`
	Cyclomatic int    `json:"cyclomatic"`
}

// FileAmount is what a model takes of a file.
type FileAmount struct {
	File   string `json:"file"`
	Shared bool   `json:"shared"`
	Amount
}

func (a *Amount) add(b Amount) {
	a.Lines += b.Lines
	a.Functions += b.Functions
	a.Cyclomatic += b.Cyclomatic
	if most := b.MostComplex; most != nil && (a.MostComplex == nil || most.Cyclomatic > a.MostComplex.Cyclomatic) {
		a.MostComplex = most
	}
}

// Count counts the source of rows, by name. A row without a Model in the source has
// none.
func Count(rows []string) (map[string]Complexity, error) { return countIn(models.Source(), rows) }

const root = "connbench/models"

func countIn(source fs.FS, rows []string) (map[string]Complexity, error) {
	c, err := readCodebase(source)
	if err != nil {
		return nil, err
	}
	taken := map[string][]*declaration{}
	takers := map[*declaration]int{}
	for _, row := range rows {
		if found := c.takenBy(row, rows); len(found) > 0 {
			taken[row] = found
			for _, d := range found {
				takers[d]++
			}
		}
	}
	counted := map[string]Complexity{}
	for row, found := range taken {
		amounts := sum(found, func(d *declaration) bool { return d.owner(rows) != row })
		for _, d := range found {
			if takers[d] < len(taken) {
				amounts.Beyond.add(d.Amount)
			}
		}
		counted[row] = amounts
	}
	return counted, nil
}

// sum adds up declarations, of which some are shared.
func sum(taken []*declaration, shared func(*declaration) bool) (c Complexity) {
	for _, d := range taken {
		f := FileAmount{File: path.Join("models", d.file), Shared: shared(d)}
		i := slices.IndexFunc(c.Files, func(have FileAmount) bool { return have.File == f.File })
		if i < 0 {
			i, c.Files = len(c.Files), append(c.Files, f)
		}
		c.Files[i].add(d.Amount)
		if c.Files[i].Shared = f.Shared; f.Shared {
			c.Shared.add(d.Amount)
		} else {
			c.Own.add(d.Amount)
		}
	}
	slices.SortFunc(c.Files, func(a, b FileAmount) int {
		if a.Shared == b.Shared {
			return strings.Compare(a.File, b.File)
		}
		return map[bool]int{true: 1, false: -1}[a.Shared]
	})
	return c
}

// owner is the row of those given whose declaration it is, "" if it is nobody's: the
// row that it describes, or else the one whose name the file begins with; see
// [models.Source].
func (d *declaration) owner(rows []string) string {
	if slices.Contains(rows, d.model) {
		return d.model
	}
	return fileOwner(d.file, rows)
}

func fileOwner(file string, rows []string) string {
	name := strings.TrimSuffix(path.Base(file), ".go") + "_"
	longest := ""
	for _, row := range rows {
		if strings.HasPrefix(name, strings.ReplaceAll(row, "-", "_")+"_") && len(row) > len(longest) {
			longest = row
		}
	}
	return longest
}

// takenBy are the declaration that describes a row, those that its files beside that
// one export, all that these mention, and so on. The types Model and Knob are how a
// row is described, not how it serves, and left out.
func (c *codebase) takenBy(row string, rows []string) []*declaration {
	seen := map[*declaration]bool{c.named("Model"): true, c.named("Knob"): true}
	var found []*declaration
	take := func(d *declaration) {
		if !seen[d] {
			seen[d] = true
			found = append(found, d)
		}
	}
	for _, described := range c.all {
		if described.model != row {
			continue
		}
		take(described)
		for _, d := range c.all {
			if d.exported && d.owner(rows) == row && path.Dir(d.file) == path.Dir(described.file) {
				take(d)
			}
		}
	}
	for i := 0; i < len(found); i++ {
		for _, d := range found[i].mentions {
			take(d)
		}
	}
	return found
}
