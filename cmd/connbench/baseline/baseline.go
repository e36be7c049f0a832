// Package baseline is the command line's part that names runs, to hold others against them.
package baseline

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"connbench/loadgen"
	"connbench/results"
	"connbench/results/read"
)

// Command names a run of a folder of runs, takes a name away, or lists the names.
type Command struct {
	Name string `arg:"" optional:"" help:"What to call it; without one all names are listed."`
	Dir  string `arg:"" optional:"" name:"run" help:"A run's folder."`

	In     string `help:"The folder of runs that names are listed of, or one removed from." default:"runs" placeholder:"DIR"`
	Remove bool   `help:"Take the name away."`
	JSON   bool   `help:"Print the names as JSON."`
}

// Help says where names are kept and what takes them.
func (c *Command) Help() string {
	return "Names are kept in baselines.json beside the run. Where a run's folder is asked for, as by compare and report, NAME is one in runs/, and DIR/NAME one in another folder of runs. " +
		"connbench report DIR says of each run in a folder what it is against the latest baseline that it can be held against."
}

// Run does as it is told, and lists the names that there are then.
func (c *Command) Run(out io.Writer) error {
	dir := c.In
	switch {
	case c.Name == "" && c.Remove:
		return &loadgen.SpecError{Field: "remove", Value: true, Allowed: "with the NAME to take away"}
	case c.Remove && c.Dir != "":
		return &loadgen.SpecError{Field: "remove", Value: c.Dir, Allowed: "a NAME alone, and --in DIR"}
	case c.Remove:
		if err := c.remove(); err != nil {
			return err
		}
	case c.Name != "":
		if c.Dir == "" {
			return &loadgen.SpecError{Field: "run", Value: "none", Allowed: "the folder of the run to call " + c.Name}
		}
		if dir = filepath.Dir(filepath.Clean(c.Dir)); !results.IsRun(c.Dir) && !read.IsChoice(c.Dir) {
			return &loadgen.SpecError{Field: "run", Value: c.Dir, Allowed: "a run's folder, which has run.json"}
		}
		if err := results.SetBaseline(dir, c.Name, filepath.Base(filepath.Clean(c.Dir))); err != nil {
			return &loadgen.SpecError{Field: "name", Value: c.Name, Allowed: err.Error()}
		}
	}
	return c.list(out, dir)
}

func (c *Command) remove() error {
	all, err := results.ReadBaselines(c.In)
	if err != nil {
		return err
	}
	if all[c.Name] == "" {
		allowed := "one of those in " + c.In + ": " + strings.Join(all.Names(), ", ")
		if len(all) == 0 {
			allowed = "there are no names in " + c.In + "; --in DIR is another folder of runs"
		}
		return &loadgen.SpecError{Field: "name", Value: c.Name, Allowed: allowed}
	}
	return results.SetBaseline(c.In, c.Name, "")
}

func (c *Command) list(out io.Writer, dir string) error {
	all, err := results.ReadBaselines(dir)
	if err != nil {
		return err
	}
	if c.JSON {
		if all == nil {
			all = results.Baselines{}
		}
		return json.NewEncoder(out).Encode(all)
	}
	if len(all) == 0 && c.Name == "" {
		fmt.Fprintf(out, "no names in %s; --in DIR lists those of another folder of runs\n", dir)
	}
	for _, name := range all.Names() {
		fmt.Fprintf(out, "%s: %s\n", name, filepath.Join(dir, all[name]))
	}
	return nil
}
