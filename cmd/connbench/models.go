package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"connbench/models"
	"connbench/models/python"
	"connbench/models/source"
	"connbench/results"
	"connbench/results/document"

	"github.com/alecthomas/kong"
)

type modelsCommand struct {
	Model string `arg:"" optional:"" help:"The one to tell all about; by default a table of all."`
	JSON  bool   `help:"Print JSON."`
}

func (c *modelsCommand) Help() string {
	return "Lines are those with code on them, in declarations; the cyclomatic complexity is that of all functions together. " +
		"Own is what is in a model's own files, shared what it takes of other files. " +
		"Of a third-party engine only the adapter is counted, and the programs in Python are not."
}

// modelTraits is a model as `models --json` prints it.
type modelTraits struct {
	models.Model
	AtOnce   int                `json:"serves_at_once,omitempty"` // where it is bounded, by default
	Settings []setting          `json:"settings"`
	Source   *source.Complexity `json:"source,omitempty"`
}

// sources are what the source of each model in Go takes. Reading all of it takes a quarter of a
// second, which a process spends once.
var sources = sync.OnceValues(func() (map[string]source.Complexity, error) {
	return source.Count(models.Names(goModels()))
})

// traits are those of all that run compares, commands aside.
func traits() ([]modelTraits, error) {
	counted, err := sources()
	if err != nil {
		return nil, err
	}
	var all []modelTraits
	for _, m := range goModels() {
		t := modelTraits{Model: m, Settings: settings(m.Knobs)}
		if m.ServesAtOnce != nil {
			t.AtOnce = m.ServesAtOnce(models.DefaultConfig())
		}
		if source, has := counted[m.Name]; has {
			t.Source = &source
		}
		all = append(all, t)
	}
	for _, r := range python.Rows() {
		m := models.Model{Name: r.Name, Summary: r.Summary, Networks: r.Networks, Unit: r.Unit, Blocking: r.Blocking, Knobs: pythonKnobs}
		m.Framings = results.Map(r.Framings, func(name string) models.Framing { return models.Framing(name) })
		all = append(all, modelTraits{Model: m, AtOnce: r.AtOnce, Settings: settings(pythonKnobs)})
	}
	return all, nil
}

// pythonKnobs are those of the programs in Python.
var pythonKnobs = []models.Knob{models.KnobProcesses}

func (c *modelsCommand) Run(s streams) error {
	all, err := traits()
	if err != nil {
		return err
	}
	if c.Model == "" {
		return s.answer(c.JSON, all, func() document.Document { return modelsTable(all, columns(s.out)) })
	}
	one := results.Find(all, func(t *modelTraits) bool { return t.Name == c.Model })
	if one == nil {
		_, err := findModel(c.Model, python.Names(python.Rows())...)
		return err
	}
	return s.answer(c.JSON, one, func() document.Document { return modelPage(one) })
}

// wideWidth is from how many columns on one table holds all.
const wideWidth = 140

// left is a column of words, which are wrapped from so many columns on; 0 for never.
func left(title string, wrap int) document.Column {
	return document.Column{Title: title, Left: true, Wrap: wrap}
}

// modelsTable has all rows, and below which knobs they honour. Where there is little room,
// what they are comes in a table of its own.
func modelsTable(all []modelTraits, width int) document.Document {
	what := &document.Table{Columns: []document.Column{left("model", 0), left("what it is", 34)}}
	more := &document.Table{Columns: []document.Column{
		left("model", 0), left("unit of concurrency", 20), left("networks", 0), left("blocks", 0), {Title: "lines:\nown + shared"}, {Title: "cyclomatic:\nown + shared", Spare: 1},
	}}
	wide := width >= wideWidth
	if wide {
		more.Columns = slices.Insert(more.Columns, 1, what.Columns[1])
	}
	for _, m := range results.Each(all) {
		cells := []string{
			m.Name, m.Unit, strings.Join(m.Networks, " "), yesNo(m.Blocking),
			counted(m.Source, func(a *source.Amount) int { return a.Lines }), counted(m.Source, func(a *source.Amount) int { return a.Cyclomatic }),
		}
		if wide {
			cells = slices.Insert(cells, 1, m.Summary)
		}
		what.Texts(m.Name, m.Summary)
		more.Texts(cells...)
	}
	var d document.Document
	if !wide {
		d.Add(document.Block{Table: what})
	}
	d.Add(document.Block{Table: more}, document.Block{Table: knobsTable(all)},
		document.Lines("of knobs, the programs in Python have processes alone", "own: in a model's own files, of an engine the adapter; shared: what it takes of other files", "all of one: connbench models MODEL"))
	return d
}

func counted(c *source.Complexity, figure func(*source.Amount) int) string {
	if c == nil {
		return results.Absent
	}
	return fmt.Sprintf("%d + %4d", figure(&c.Own), figure(&c.Shared))
}

// knobsTable shows which rows honour a knob, those of the same rows together. The programs in
// Python, which have but one, are left out.
func knobsTable(all []modelTraits) *document.Table {
	all = slices.DeleteFunc(slices.Clone(all), func(m modelTraits) bool { return slices.Equal(m.Knobs, pythonKnobs) })
	var knobs []models.Knob
	for _, m := range all {
		knobs = append(knobs, slices.DeleteFunc(slices.Clone(m.Knobs), func(k models.Knob) bool { return slices.Contains(knobs, k) })...)
	}
	by := func(k models.Knob) string { return honouredBy(k, all) }
	t := &document.Table{Columns: []document.Column{left("knobs", 30), left("honoured by", 30)}}
	for _, alike := range results.Grouped(knobs, by) {
		t.Texts(list(alike), by(alike[0]))
	}
	return t
}

// honouredBy names the rows that honour a knob, or those that do not where they are
// fewer.
func honouredBy(knob models.Knob, all []modelTraits) string {
	honours := func(m modelTraits) bool { return slices.Contains(m.Knobs, knob) }
	name := func(m modelTraits) string { return m.Name }
	not := results.Map(slices.DeleteFunc(slices.Clone(all), honours), name)
	do := results.Map(slices.DeleteFunc(slices.Clone(all), func(m modelTraits) bool { return !honours(m) }), name)
	switch {
	case len(not) == 0:
		return "all"
	case len(not) < len(do):
		return "all but " + strings.Join(not, ", ")
	default:
		return strings.Join(do, ", ")
	}
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func modelPage(m *modelTraits) document.Document {
	facts := &document.Table{Bare: true, Columns: []document.Column{left("", 0), left("", 40)}}
	facts.Texts("networks", strings.Join(m.Networks, ", "))
	if len(m.Framings) > 0 {
		facts.Texts("speaks", list(m.Framings))
	}
	facts.Texts("unit", m.Unit)
	facts.Texts("blocking", yesNo(m.Blocking))
	if m.AtOnce > 0 {
		facts.Texts("at once", fmt.Sprintf("%d by default; the others wait", m.AtOnce))
	}
	if m.Engine != "" {
		facts.Texts("engine", m.Engine)
	}
	for _, promise := range slices.Sorted(maps.Keys(m.Lacks)) {
		facts.Texts("lacks", promise+": "+m.Lacks[promise])
	}
	d := document.Document{Blocks: []document.Block{{Heading: m.Name + ": " + m.Summary, Table: facts}}}
	if m.Source != nil {
		d.Add(document.Block{Table: sourceTable(m.Source)})
	}
	if len(m.Settings) > 0 {
		t := &document.Table{Columns: []document.Column{left("knob", 0), left("default", 0), left("allowed", 20), left("what it is", 20)}}
		for _, s := range m.Settings {
			t.Texts("--"+string(s.Knob), s.Default, s.Allowed, s.Help)
		}
		d.Add(document.Block{Table: t})
	}
	return d
}

func sourceTable(c *source.Complexity) *document.Table {
	t := &document.Table{Columns: []document.Column{
		left("source", 0), left("", 0), {Title: "lines"}, {Title: "functions", Spare: 1}, {Title: "cyclomatic"}, left("most complex", 0),
	}}
	t.Columns[5].Spare = 2
	row := func(name, whose string, a *source.Amount) {
		most := ""
		if a.MostComplex != nil {
			most = fmt.Sprintf("%s %d", a.MostComplex.Name, a.MostComplex.Cyclomatic)
		}
		t.Texts(name, whose, strconv.Itoa(a.Lines), strconv.Itoa(a.Functions), strconv.Itoa(a.Cyclomatic), most)
	}
	for _, f := range results.Each(c.Files) {
		row(f.File, map[bool]string{true: "shared", false: "own"}[f.Shared], &f.Amount)
	}
	row("all its own", "", &c.Own)
	row("all it shares", "", &c.Shared)
	row("not of every model", "", &c.Beyond)
	return t
}

// setting is a knob that a row honours, as a flag of serve and of run.
type setting struct {
	Knob    models.Knob `json:"knob"`
	Default string      `json:"default"`
	Allowed string      `json:"allowed"`
	Help    string      `json:"help"`
}

func settings(knobs []models.Knob) []setting {
	flags := map[string]*kong.Flag{}
	for _, f := range newParser(&serveCommand{}).Model.Flags {
		flags[f.Name] = f
	}
	all := []setting{}
	for _, k := range knobs {
		f := flags[string(k)]
		standard := f.Default
		if f.IsBool() && standard == "" {
			standard = "false"
		}
		all = append(all, setting{k, standard, k.Allowed(), f.Help})
	}
	return all
}
