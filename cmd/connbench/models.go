package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"connbench/models"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

type modelsCommand struct {
	JSON bool `help:"Print JSON."`
}

// modelTraits is a model as `models --json` prints it.
type modelTraits struct {
	Name     string        `json:"model"`
	Summary  string        `json:"summary"`
	Networks []string      `json:"networks"`
	Unit     string        `json:"unit"`
	Blocking bool          `json:"blocking"`
	Knobs    []models.Knob `json:"knobs"`
}

func (c *modelsCommand) Run(s streams) error {
	var all []modelTraits
	for _, m := range models.All() {
		all = append(all, modelTraits{m.Name, m.Summary, m.Networks, m.Unit, m.Blocking, m.Knobs})
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(all)
	}
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	t.Style().Options = table.Options{SeparateHeader: true}
	t.AppendHeader(table.Row{"model", "what it is", "networks", "unit of concurrency", "blocking"})
	for _, m := range all {
		blocking := "no"
		if m.Blocking {
			blocking = "yes"
		}
		t.AppendRow(table.Row{m.Name, m.Summary, strings.Join(m.Networks, " "), m.Unit, blocking})
	}
	t.SuppressTrailingSpaces()
	_, err := fmt.Fprintf(s.out, "%s\n\nKnobs of each: connbench models --json\n", t.Render())
	return err
}
