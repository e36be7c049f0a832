package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"connbench/cmd/connbench/baseline"
	"connbench/loadgen/sweep"
	"connbench/results"
	"connbench/results/document"
	"connbench/results/read"
)

// The folders of the workload itself among those of a choose; the others are of what changes it.
const (
	firstChoice   = read.ChoiceDir
	capacityFirst = read.CapacityDir
)

// choiceAsked is what run.json keeps of a choice beside the plan of its stage.
type choiceAsked struct {
	Workload sweep.Plan `json:"workload"`
	SLO      read.SLO   `json:"slo"`
	NoChange bool       `json:"no_change,omitempty"`
}

// begin is the plan of the workload itself: what the flags say, or with --resume what is
// in the folder, which it holds then.
func (c *chooseCommand) begin() (plan sweep.Plan, err error) {
	if c.Resume == "" {
		return c.asked.Workload, nil
	}
	if err := c.readAsked(c.Resume); err != nil {
		return sweep.Plan{}, usage(err)
	}
	c.folder, err = results.HoldFolder(c.Resume)
	return c.asked.Workload, err
}

// readAsked reads what a choice was asked from its folder.
func (c *chooseCommand) readAsked(dir string) error {
	run, _, _, err := results.Open(filepath.Join(dir, capacityFirst+firstChoice))
	if errors.Is(err, results.ErrNoRun) || errors.Is(err, os.ErrNotExist) {
		run, _, _, err = results.Open(filepath.Join(dir, firstChoice))
	}
	if err != nil {
		return err
	}
	if run.Choose != nil {
		err = json.Unmarshal(run.Choose, &c.asked)
	}
	if err == nil && (c.asked.Workload.Models == nil || c.asked.SLO == read.SLO{}) {
		err = errors.New("run.json does not say what was asked (nor did earlier versions): begin anew")
	}
	if err == nil && (len(c.asked.Workload.Clients) == 0 || len(c.asked.Workload.Payloads) == 0) {
		err = errors.New("run.json asks for no clients or no payload")
	}
	if err != nil {
		return fmt.Errorf("%s was not begun by connbench choose: %w", dir, err)
	}
	c.SLO, c.NoChange = c.asked.SLO, c.NoChange || c.asked.NoChange
	return nil
}

// choosing reads a choice from the stages of a plan, of that name, without rows that are out. Beside it
// are lines on where they ran, and which rows had no value for keys.
type choosing func(plan sweep.Plan, name string, out read.Out) (choice *read.Choice, where []string, err error)

// conclude says which row to choose and what would change that, bit by bit as it becomes known, and
// leaves it in the folder of the choice.
func (c *chooseCommand) conclude(s streams, plan sweep.Plan, measure choosing) error {
	choice, where, early := measure(plan, firstChoice, nil)
	if choice == nil {
		return early
	}
	answer := document.Choice(choice)
	answer.Add(document.Lines(where...))
	answer.Fields = slices.Insert(answer.Fields, 0, document.Field{Name: "dir", Value: c.folder.Dir})
	f := c.form()
	if early != nil {
		if f == textForm {
			fmt.Fprint(s.out, "interrupted: the answer so far\n\n")
		}
		return errors.Join(early, s.say(answer, f))
	}
	if f == textForm { // the rest comes bit by bit
		if err := s.say(answer, f); err != nil {
			return err
		}
	}
	if err := c.save(answer); err != nil {
		return err
	}
	var changes []string
	if names := contendersOf(choice); !c.NoChange && len(names) > 1 {
		var err error
		if changes, err = c.changes(s, names, choice, &answer, measure); err != nil {
			return err
		}
	}
	if f != textForm {
		if err := s.say(answer, f); err != nil {
			return err
		}
	}
	m := &measured{streams: s, dir: c.folder.Dir, form: f, held: c.held}
	return m.save("", func() (string, error) { return saveChoice(m.dir, choice, changes) })
}

// changes measures the contenders with one thing about the workload changed at a time, and adds to
// the answer what becomes of it, line by line. Of a choice that is read it ends at what was not measured.
func (c *chooseCommand) changes(s streams, names []string, before *read.Choice, answer *document.Document, measure choosing) (lines []string, err error) {
	const heading = "What would change the answer:"
	plan, blocks := c.asked.Workload, slices.Clip(answer.Blocks)
	if c.form() == textForm {
		fmt.Fprintln(s.out, "\n"+heading)
	}
	changes := []document.Document{}
	variants := sweep.Variants(&plan)
	for i, change := range variants {
		c.later = variantsTake(variants[i+1:], names)
		var out read.Out
		changed := change.Plan
		changed.Models, out = able(names, &changed)
		changed.Exec = onlyOf(plan.Exec, changed.Models)
		if len(changed.Models) == 0 {
			continue
		}
		name := strings.NewReplacer(":", "-", " ", "", "/", "-").Replace(change.What + "-" + change.To)
		choice, _, err := measure(changed, name, out)
		if errors.Is(err, errNotMeasured) {
			break
		} else if err != nil {
			return nil, err
		}
		change.Choice = *choice
		said, object := document.Change(&change.Change, before)
		lines, changes = append(lines, said), append(changes, object)
		if c.form() == textForm {
			if err := s.say(document.Document{Blocks: []document.Block{document.Lines("  " + said)}}, textForm); err != nil {
				return nil, err
			}
		}
		answer.Blocks = append(blocks, document.Lines(append([]string{heading}, results.Map(lines, func(line string) string { return "  " + line })...)...))
		if err := c.save(*answer); err != nil {
			return nil, err
		}
	}
	answer.Fields = append(answer.Fields, document.Field{Name: "changes", Value: changes})
	return lines, nil
}

// save keeps what was said in the folder, unless another process writes there.
func (c *chooseCommand) save(answer document.Document) error {
	if c.held != nil {
		return nil
	}
	return saveAs(c.folder.Dir, answer, choiceText)
}

// choiceText is the file in the folder of a choice that has what was said.
const choiceText = "choice.txt"

// errNotMeasured is of a stage of a choice that is read.
var errNotMeasured = errors.New("not measured yet")

// hold makes the folder of the whole choice, if there is none yet to go on with.
func (c *chooseCommand) hold() (err error) {
	if c.folder != nil {
		return nil
	}
	dir := c.Out
	if dir == "" {
		if dir, err = results.DatedFolder(baseline.Dir, time.Now()); err != nil {
			return err
		}
	}
	if c.folder, err = results.NewFolder(dir); err != nil {
		return outError(err)
	}
	return nil
}

func (c *chooseCommand) release() {
	if c.folder != nil {
		c.folder.Release()
	}
}

// begun opens the run of that name that an interrupted choose has left there, whose plan
// must be the given one. Where there is none it makes one.
func (c *chooseCommand) begun(s streams, x *session, name string, plan *sweep.Plan) (*results.Store, []results.Trial, error) {
	dir := filepath.Join(c.folder.Dir, name)
	if c.Resume != "" {
		var planned sweep.Plan
		store, trials, err := resume(s, dir, "run", &planned)
		if err == nil {
			if err = cmp.Or(samePlan(store, &planned, plan), x.goOn(store, beginAnew, false)); err != nil {
				store.Close()
			}
		}
		if !errors.Is(err, results.ErrNoRun) && !errors.Is(err, os.ErrNotExist) {
			return store, trials, err
		}
	}
	asked, err := json.Marshal(c.asked)
	if err != nil {
		return nil, nil, err
	}
	store, err := x.create(dir, plan, results.Run{Trials: len(plan.Order()), Choose: asked})
	return store, nil, err
}

// samePlan reports that a run was begun with another plan than the choice asks for.
func samePlan(store *results.Store, planned, plan *sweep.Plan) error {
	begun, err := json.Marshal(planned)
	asked, bad := json.Marshal(plan)
	if err = errors.Join(err, bad); err == nil && !bytes.Equal(begun, asked) {
		err = usage(fmt.Errorf("%s has another plan than the choice that it is of: begin anew", store.Dir))
	}
	return err
}
