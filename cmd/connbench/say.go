package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"connbench/plots/figures"
	"connbench/plots/look"
	"connbench/results"
	"connbench/results/document"
	"connbench/results/read"

	"golang.org/x/term"
)

type form int

const (
	textForm form = iota
	jsonForm
	csvForm // of the main table
	markdownForm
)

// formFlags are of every command that concludes: what is then on standard output is in that form, and
// nothing else is.
type formFlags struct {
	JSON     bool `help:"Print all that was concluded as JSON, and of a sweep its trials too." xor:"form"`
	CSV      bool `name:"csv" help:"Print the main table as CSV: of a sweep a line for each point, as in summary.csv, else one for each row, value, claim or comparison." xor:"form"`
	Markdown bool `help:"Print what is said as Markdown." xor:"form"`
}

// form is the one that is asked for.
func (f formFlags) form() form {
	switch {
	case f.JSON:
		return jsonForm
	case f.CSV:
		return csvForm
	case f.Markdown:
		return markdownForm
	}
	return textForm
}

// quietFlag is of every command that measures.
type quietFlag struct {
	Quiet bool `short:"q" help:"Say nothing of the progress; warnings and the result stay."`
}

// progress is where to tell how far a command is.
func (f quietFlag) progress(s streams) io.Writer {
	if f.Quiet {
		return io.Discard
	}
	return s.err
}

func (s streams) warn(warnings ...string) {
	for _, w := range warnings {
		s.note("warning: " + w)
	}
}

// note says a line on standard error, in the width of the terminal.
func (s streams) note(line string) {
	fmt.Fprintln(s.err, document.Wrap("connbench: "+line, cmp.Or(columns(s.err), unlimited)))
}

// unlimited is the width of what is no terminal, whose lines are for programs too.
const unlimited = 1 << 20

// say prints a document, as text in the width of the terminal.
func (s streams) say(d document.Document, f form) error { return f.write(s.out, d, columns(s.out)) }

// answer prints a value as JSON, or the document that says it.
func (s streams) answer(asJSON bool, value any, said func() document.Document) error {
	if asJSON {
		return json.NewEncoder(s.out).Encode(value)
	}
	return s.say(said(), textForm)
}

// write writes a document in a form, as text of so many columns; see [document.Document.Text].
func (f form) write(w io.Writer, d document.Document, columns int) error {
	switch f {
	case jsonForm:
		return json.NewEncoder(w).Encode(d)
	case csvForm:
		return d.CSV(w)
	case markdownForm:
		return d.Markdown(w)
	}
	return d.Text(w, columns)
}

// columns is how wide the terminal is that w is; 0 if it is none.
func columns(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil {
			return columns
		}
	}
	return 0
}

// answerOf is what a run comes to in a sentence, empty where it is not to be read.
func answerOf(path string, p *read.Past, trials []results.Trial) string {
	m := &measured{dir: path, run: &p.Run, trials: trials}
	switch p.Kind {
	case results.TableRun:
		if c, err := m.table(); err == nil {
			return document.Profiles(c).Verdict
		}
	case results.TuneRun:
		if _, tunings, err := m.tunings(); err == nil {
			return strings.Join(results.Map(tunings, func(t *read.Tuning) string { return t.Words().Lead }), "; ")
		}
	case read.ChooseKind:
		if c, err := storedChoice(path, formFlags{}, nil); err == nil {
			choice, _, _ := c.stored(c.asked.Workload, firstChoice, nil)
			if choice != nil {
				return document.Choice(choice).Verdict
			}
		}
	case results.ClaimsRun:
		if claims, err := read.OpenClaims(path); err == nil {
			return document.Claims(claims, nil).Verdict
		}
	case "", results.ScaleRun:
		return document.Answer(&read.Readings(&p.Run, trials)[0]).Verdict
	}
	return ""
}

// measured is a run whose trials are there, and how it is to be reported.
type measured struct {
	streams
	dir    string
	run    *results.Run // nil where it is a folder of runs
	trials []results.Trial
	form   form
	held   error // why this process does not hold the folder; nil where it does
}

// conclude is the report of a run, or the error of one that ended early. Where somebody interrupted it, what
// its trials come to so far is reported first, and marked unless that is for machines.
func (m *measured) conclude(ended error, report func() error) error {
	if ended == nil {
		return report()
	}
	early := unfinished(ended, resumable[m.run.Kind], m.dir)
	if !errors.Is(ended, context.Canceled) || len(m.trials) == 0 {
		return early
	}
	if m.form == textForm {
		done, of := results.Finished(m.trials), ""
		if planned := m.run.Planned(); planned > done {
			of = fmt.Sprintf(" of %d", planned)
		}
		fmt.Fprintf(m.out, "interrupted after %d%s trials: the answer so far\n\n", done, of)
	}
	return errors.Join(early, report())
}

// present prints what there is to say, and writes the files that go with it.
func (m *measured) present(d document.Document, note string, files func() *files) error {
	if err := m.say(d, m.form); err != nil {
		return err
	}
	return m.save(note, func() (string, error) { return files().write(m.dir) })
}

// unsaved is why not all files of a run's folder were written, when what was to be
// printed has been.
type unsaved struct{ error }

func (e unsaved) Unwrap() error { return e.error }

// save writes files into the folder, unless it is not held, and for people says so below a
// note. Its errors are [unsaved].
func (m *measured) save(note string, write func() (lines string, err error)) (err error) {
	lines := ""
	if m.held != nil {
		err = unsaved{fmt.Errorf("the files of %s are as they were: %w", m.dir, m.held)}
	} else if lines, err = write(); err != nil {
		err = unsaved{err}
	}
	if m.form == textForm {
		what := "run: "
		if m.run == nil {
			what = "runs:"
		}
		fmt.Fprintf(m.out, "%s%s    %s\n%s", note, what, m.dir, lines)
	}
	return err
}

// files are what a report leaves in a run's folder: tables, which are there, figures and a page.
type files struct {
	figures []look.Figure
	err     error // of making tables and figures
	page    func() (path string, err error)
}

// add takes what was drawn.
func (f *files) add(drawn []look.Figure, err error) {
	f.figures, f.err = append(f.figures, drawn...), cmp.Or(f.err, err)
}

// write returns lines that name the files which people look at. It ends at what it cannot write.
func (f *files) write(dir string) (lines string, err error) {
	if f.err != nil {
		return "", f.err
	}
	if _, err := figures.Save(results.FiguresDir(dir), f.figures); err != nil {
		return "", err
	}
	if n := len(f.figures); n > 0 {
		lines = fmt.Sprintf("figures: %s: %d, each as SVG and PNG\n", results.FiguresDir(dir), n)
	}
	report, err := f.page()
	if err != nil {
		return lines, err
	}
	return lines + fmt.Sprintf("report:  %s\n", report), nil
}

// drawer draws a run's figures with its rows as its plan has them: that gives rows which are
// few colours of their own.
func drawer(run *results.Run) figures.Drawer {
	return figures.Drawer{Env: &run.Environment, Order: run.Models}
}

// saveAs writes a document into a run's folder, in the forms that the names are of.
func saveAs(dir string, d document.Document, names ...string) error {
	forms := map[string]form{".txt": textForm, ".json": jsonForm, ".csv": csvForm, ".md": markdownForm}
	var all []error
	for _, name := range names {
		var b strings.Builder
		err := forms[filepath.Ext(name)].write(&b, d, 0)
		if err == nil {
			err = results.WriteFile(filepath.Join(dir, name), []byte(b.String()))
		}
		all = append(all, err)
	}
	return errors.Join(all...)
}
