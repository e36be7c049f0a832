package main

import (
	"fmt"
	"strings"
	"testing"

	"connbench/models"
	"connbench/models/source"
	"connbench/results/document"
	"connbench/results/resultstest"
)

// golden compares a document in so many columns with a file of testdata.
func golden(t *testing.T, name string, d document.Document, width int) {
	t.Helper()
	var b strings.Builder
	if err := d.Text(&b, width); err != nil {
		t.Fatal(err)
	}
	resultstest.Golden(t, name+".golden", b.String())
}

func traitFixtures() []modelTraits {
	stream := []models.Knob{models.KnobFraming, models.KnobRecvBuffer, models.KnobBacklog}
	source := func(own, shared int) *source.Complexity {
		most := &source.Function{Name: "loop.run", Cyclomatic: 9}
		return &source.Complexity{
			Own:    source.Amount{Lines: own, Functions: own / 10, Cyclomatic: own / 4, MostComplex: most},
			Shared: source.Amount{Lines: shared, Functions: shared / 10, Cyclomatic: shared / 4, MostComplex: most},
			Beyond: source.Amount{Lines: own + shared/4, Functions: own / 10, Cyclomatic: own / 4, MostComplex: most},
			Files: []source.FileAmount{
				{File: "models/own.go", Shared: false, Amount: source.Amount{Lines: own, Functions: own / 10, Cyclomatic: own / 4, MostComplex: most}},
				{File: "models/shared.go", Shared: true, Amount: source.Amount{Lines: shared}},
			},
		}
	}
	return []modelTraits{
		{
			Model: models.Model{Name: "sequential", Summary: "one client at a time; the others wait in the backlog", Networks: []string{"tcp", "unix"},
				Unit: "none: the accepting goroutine serves", Blocking: true, Knobs: stream}, AtOnce: 1, Source: source(13, 1045),
		},
		{
			Model: models.Model{Name: "pool-request", Networks: []string{"tcp", "unix"}, Unit: "worker per ready request",
				Summary:  "a bounded pool of workers, each taking one ready request (one-shot epoll), and more to say",
				Blocking: false, Knobs: append(stream[:3:3], models.KnobWorkers)}, Source: source(777, 999),
		},
		{
			Model: models.Model{Name: "engine", Summary: "a third-party engine", Networks: []string{"tcp"}, Unit: "loop for many connections",
				Engine: "example.org/engine v1.2.3", Lacks: map[string]string{"HalfClose": "it does not do that"}, Knobs: stream}, Source: source(90, 400),
		},
		{
			Model: models.Model{Name: "udp", Summary: "one socket", Networks: []string{"udp"}, Unit: "none: one goroutine serves all",
				Knobs: []models.Knob{models.KnobRecvBuffer}}, Source: source(136, 500),
		},
		{
			Model: models.Model{Name: "python-socketserver-threading", Summary: "Python: a thread per client", Networks: []string{"tcp", "unix"},
				Unit: "thread per client", Blocking: true, Knobs: pythonKnobs, Framings: []models.Framing{models.Length, models.Raw}}, Settings: settings(pythonKnobs),
		},
	}
}

// Tables fit where they are read.
func TestModelsTable(t *testing.T) {
	for _, width := range []int{100, 160} {
		golden(t, fmt.Sprintf("models-%d", width), modelsTable(traitFixtures(), width), width)
	}
}

func TestModelPage(t *testing.T) {
	for _, m := range traitFixtures() {
		switch m.Name {
		case "engine", "python-socketserver-threading":
		case "pool-request":
			m.AtOnce = 64
			m.Settings = []setting{
				{models.KnobReadBuffer, "16KiB", "1 byte to 64 MiB", "The server's user buffer for one read."},
				{models.KnobTrigger, "level", "level or edge", "What is told at length goes over several lines, and more than two of them."},
			}
		default:
			continue
		}
		golden(t, "model-"+m.Name, modelPage(&m), 100)
	}
}

// Every knob of every model is explained.
func TestSettings(t *testing.T) {
	for _, m := range goModels() {
		for _, s := range settings(m.Knobs) {
			if s.Default == "" || s.Allowed == "" || s.Help == "" {
				t.Errorf("%s: the knob %s leaves something unsaid: %+v", m.Name, s.Knob, s)
			}
		}
	}
}
