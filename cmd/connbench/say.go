package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"connbench/results"
	"connbench/results/document"

	"connbench/plots/figures"
	"connbench/plots/look"

	"golang.org/x/term"
)

type form int

const (
	textForm form = iota
	jsonForm
	csvForm // of the first table
	markdownForm
)

// formOf is the form that flags ask for, of which at most one is given.
func formOf(asJSON, asCSV, asMarkdown bool) form {
	switch {
	case asJSON:
		return jsonForm
	case asCSV:
		return csvForm
	case asMarkdown:
		return markdownForm
	}
	return textForm
}

// say prints a document, as text in the width of the terminal.
func (s streams) say(d document.Document, f form) error { return f.write(s.out, d, columns(s.out)) }

func (s streams) report(found interface{ Document() document.Document }, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(s.out).Encode(found)
	}
	return s.say(found.Document(), textForm)
}

func warn[T any](s streams, warnings ...T) {
	for _, w := range warnings {
		fmt.Fprintf(s.err, "connbench: warning: %v\n", w)
	}
}

// write writes a document in a form, as text of so many columns; see [document.Document.Text].
func (f form) write(w io.Writer, d document.Document, columns int) error {
	switch f {
	case jsonForm:
		return json.NewEncoder(w).Encode(d)
	case csvForm:
		return d.Blocks[0].Table.CSV(w)
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

// drawer draws a run's figures with its rows as its plan has them: that gives rows which are
// few colours of their own.
func drawer(run *results.Run) figures.Drawer {
	return figures.Drawer{Env: &run.Environment, Order: run.Models}
}

// drawing is off in tests that look at no figure: with the race detector figures would
// take most of their time.
var drawing = true

// drawn puts together what several draw; an error is that of the first which has one.
func drawn(draw ...func() ([]look.Figure, error)) ([]look.Figure, error) {
	var all []look.Figure
	if !drawing {
		return nil, nil
	}
	for _, some := range draw {
		f, err := some()
		if err != nil {
			return nil, err
		}
		all = append(all, f...)
	}
	return all, nil
}
