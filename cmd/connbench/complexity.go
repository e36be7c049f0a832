package main

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"connbench/models"
)

// complexity is what the source of a model takes: of its own, and in what it shares
// with others. Lines are those of declarations that have code on them.
type complexity struct {
	Own    amount       `json:"own"`
	Shared amount       `json:"shared"`
	Files  []fileAmount `json:"files"` // its own ones first
}

// amount is how much source there is.
type amount struct {
	Lines       int       `json:"lines"`
	Functions   int       `json:"functions"`
	Cyclomatic  int       `json:"cyclomatic"` // of all functions together
	MostComplex *function `json:"most_complex,omitempty"`
}

// fileAmount is what a model takes of a file.
type fileAmount struct {
	File   string `json:"file"`
	Shared bool   `json:"shared"`
	amount
}

func (a *amount) add(d *declaration) {
	a.Lines += d.lines
	for _, f := range d.funcs {
		a.Functions++
		a.Cyclomatic += f.Cyclomatic
		if a.MostComplex == nil || f.Cyclomatic > a.MostComplex.Cyclomatic {
			a.MostComplex = &f
		}
	}
}

const modelsPath = "connbench/models"

// complexities counts the source of rows, by name. A row without a Model in the source
// has none.
func complexities(rows []string) (map[string]complexity, error) {
	return complexitiesIn(models.Source(), rows)
}

func complexitiesIn(source fs.FS, rows []string) (map[string]complexity, error) {
	c, err := readCodebase(source, modelsPath)
	if err != nil {
		return nil, err
	}
	counted := map[string]complexity{}
	for _, row := range rows {
		var own, shared []*declaration
		for _, d := range c.takenBy(row, rows) {
			if d.owner(rows) == row {
				own = append(own, d)
			} else {
				shared = append(shared, d)
			}
		}
		if len(own) > 0 {
			counted[row] = count(own, shared)
		}
	}
	return counted, nil
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
	name := strings.TrimSuffix(path.Base(file), ".go")
	longest := ""
	for _, row := range rows {
		stem := strings.ReplaceAll(row, "-", "_")
		if (name == stem || strings.HasPrefix(name, stem+"_")) && len(row) > len(longest) {
			longest = row
		}
	}
	return longest
}

// takenBy are the declaration that describes a row, those that its files beside that
// one export, all that these mention, and so on. The types Model and Knob are how a
// row is described, not how it serves, and left out.
func (c *codebase) takenBy(row string, rows []string) []*declaration {
	seen := map[*declaration]bool{}
	for _, name := range []string{"Model", "Knob"} {
		seen[c.declared[c.packages[modelsPath].Scope().Lookup(name)]] = true
	}
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

func count(own, shared []*declaration) complexity {
	var c complexity
	files := map[string]*fileAmount{}
	for _, d := range slices.Concat(own, shared) {
		if files[d.file] == nil {
			files[d.file] = &fileAmount{File: path.Join("models", d.file)}
		}
		files[d.file].add(d)
	}
	for _, d := range own {
		c.Own.add(d)
	}
	for _, d := range shared {
		c.Shared.add(d)
		files[d.file].Shared = true
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		c.Files = append(c.Files, *files[name])
	}
	slices.SortStableFunc(c.Files, func(a, b fileAmount) int {
		switch {
		case a.Shared == b.Shared:
			return 0
		case b.Shared:
			return -1
		default:
			return 1
		}
	})
	return c
}
