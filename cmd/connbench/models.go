package main

import (
	"encoding/json"
	"fmt"
	"slices"

	"connbench/models"
	"connbench/models/python"
	"connbench/models/source"
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
	Name     string             `json:"model"`
	Summary  string             `json:"summary"`
	Networks []string           `json:"networks"`
	Unit     string             `json:"unit"`
	Blocking bool               `json:"blocking"`
	AtOnce   int                `json:"serves_at_once,omitempty"` // where it is bounded, by default
	Engine   string             `json:"engine,omitempty"`         // that serves, if it is none of ours
	Knobs    []models.Knob      `json:"knobs"`
	Settings []setting          `json:"settings"`
	Source   *source.Complexity `json:"source,omitempty"`

	// Lacks are the promises of the conformance suite that an engine does not keep,
	// and why.
	Lacks map[string]string `json:"lacks,omitempty"`
}

// traits are those of all that run compares, commands aside.
func traits() ([]modelTraits, error) {
	sources, err := source.Count(models.Names(goModels()))
	if err != nil {
		return nil, err
	}
	var all []modelTraits
	for _, m := range goModels() {
		t := modelTraits{
			Name: m.Name, Summary: m.Summary, Networks: m.Networks, Unit: m.Unit, Blocking: m.Blocking,
			Engine: m.Engine, Lacks: m.Lacks, Knobs: m.Knobs, Settings: settings(m.Knobs),
		}
		if m.ServesAtOnce != nil {
			t.AtOnce = m.ServesAtOnce(models.DefaultConfig())
		}
		if source, counted := sources[m.Name]; counted {
			t.Source = &source
		}
		all = append(all, t)
	}
	for _, r := range python.Rows() {
		all = append(all, modelTraits{
			Name: r.Name, Summary: r.Summary, Networks: r.Networks, Unit: r.Unit, Blocking: r.Blocking,
			Knobs: []models.Knob{}, Settings: []setting{},
		})
	}
	return all, nil
}

func (c *modelsCommand) Run(s streams) error {
	all, err := traits()
	if err != nil {
		return err
	}
	if c.Model == "" {
		if c.JSON {
			return json.NewEncoder(s.out).Encode(all)
		}
		_, err = fmt.Fprint(s.out, modelsTable(all, width(s.out)))
		return err
	}
	i := slices.IndexFunc(all, func(t modelTraits) bool { return t.Name == c.Model })
	if i < 0 {
		_, err := findModel(c.Model, python.Names(python.Rows())...)
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(all[i])
	}
	_, err = fmt.Fprint(s.out, modelPage(&all[i], width(s.out)))
	return err
}
