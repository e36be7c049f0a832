package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"connbench/loadgen/sweep"
	"connbench/models"
	"connbench/plots/page"
	"connbench/results"
	"connbench/results/document"
	"connbench/results/read"
	"connbench/results/stats"
)

// tune is what run.json keeps as the plan: each knob, and the plans that measure it, the
// models of which are the knob's values.
type tune struct {
	What  string      `json:"what"`
	Model string      `json:"model"`
	Exec  string      `json:"exec,omitempty"` // of a server from elsewhere, with valueMark
	Knobs []tunedKnob `json:"knobs"`
}

type tunedKnob struct {
	read.Tuned
	Plans []sweep.Plan `json:"plans"`
}

const (
	handshakes     = 64 // that one client process has in flight at once, or more; see loadgen
	stormProcesses = 64 // at most
	pipelined      = 8  // requests in flight of each client where writes may wait for one another
)

// tunedPlans are the plans that measure a knob, made of what all have in common.
func tunedPlans(t read.Tuned, common sweep.Plan) tunedKnob {
	for _, s := range t.Settings {
		common.Models = append(common.Models, s.Row)
	}
	switch models.Knob(t.Knob) {
	case models.KnobRecvBuffer, models.KnobSendBuffer:
		common.Payloads = common.Payloads[max(0, len(common.Payloads)-1):]
	case models.KnobNoDelay:
		common.Payloads, common.Pipeline = common.Payloads[:min(1, len(common.Payloads))], pipelined
	case models.KnobBacklog:
		return storms(t, common)
	}
	t.Kind = read.SteadyTune
	return tunedKnob{t, []sweep.Plan{common}}
}

// storms are plans for each number of clients, with so many processes that all of
// these can connect at once.
func storms(t read.Tuned, common sweep.Plan) tunedKnob {
	k := tunedKnob{Tuned: t}
	k.Kind, k.InFlight = read.StormTune, map[int]int{}
	for _, clients := range common.Clients {
		storm := common
		storm.Clients = []int{clients}
		storm.ClientProcesses = min(stormProcesses, (clients+handshakes-1)/handshakes)
		k.InFlight[clients] = min(clients, handshakes*storm.ClientProcesses)
		k.Plans = append(k.Plans, storm)
	}
	if len(k.Plans) == 0 {
		k.Plans = []sweep.Plan{common} // which is not valid, and will say so
	}
	return k
}

// check reports what in a plan that was read no tune has written.
func (t *tune) check() error {
	if len(t.Knobs) == 0 {
		return errors.New("knobs: an empty list is not allowed (at least one)")
	}
	for i := range t.Knobs {
		if len(t.Knobs[i].Plans) == 0 {
			return errors.New("plans: an empty list is not allowed (at least one)")
		}
		if err := t.Knobs[i].Check(); err != nil {
			return err
		}
	}
	return nil
}

// base is a plan of the model as it is, or of a server from elsewhere with the first value.
func (t *tune) base() sweep.Plan {
	p := t.Knobs[0].Plans[0]
	p.Models = []string{t.Model}
	if t.Exec != "" {
		p.Exec = []string{withValue(t.Exec, t.Knobs[0].Settings[0].Row)}
	}
	return p
}

// validate reports the first thing that cannot be run, given the network of the model.
func (t *tune) validate(network func(model string) string) error {
	for _, p := range t.plans() {
		if err := p.Validate(func(string) string { return network(t.Model) }); err != nil {
			return err
		}
	}
	return nil
}

// warn says which values the kernel makes another of.
func (t *tune) warn(s streams) {
	for i := range t.Knobs {
		for _, cut := range t.Knobs[i].Cut {
			s.warn(t.Knobs[i].Knob + ": " + cut)
		}
	}
}

// addRows gives a session a row for each value: the model, told that value.
func (t *tune) addRows(ctx context.Context, x *session) error {
	x.plan.Models = nil
	for _, k := range results.Each(t.Knobs) {
		for _, s := range k.Settings {
			one := t.base()
			if t.Exec != "" {
				one.Exec = []string{withValue(t.Exec, s.Row)}
			} else {
				one.Knobs = maps.Clone(one.Knobs)
				if one.Knobs == nil {
					one.Knobs = map[string]string{}
				}
				one.Knobs[k.Knob] = s.Row[len(k.Knob)+len("="):]
			}
			made, err := x.makeLineup(ctx, &one)
			if err != nil {
				return err
			}
			row := made.rows[t.Model]
			row.Name = s.Row
			x.lineup.rows[s.Row] = row
			x.plan.Models = append(x.plan.Models, s.Row)
		}
	}
	return nil
}

func (t *tune) plans() []sweep.Plan {
	return slices.Concat(results.Map(t.Knobs, func(k tunedKnob) []sweep.Plan { return k.Plans })...)
}

func (t *tune) trials() int {
	n := 0
	for _, p := range t.plans() {
		n += len(p.Order())
	}
	return n
}

// run measures what is left of one plan after the other, into the store of the runner.
func (t *tune) run(ctx context.Context, r *sweep.Runner) error {
	for _, plan := range t.plans() {
		r.Plan = plan
		if err := r.Run(ctx); err != nil {
			return err
		}
		r.First = plan.After(r.First)
	}
	return nil
}

// reportTune prints the result of a tune, and writes it into its folder, with a summary, figures
// and its page.
func (m *measured) reportTune() error {
	t, tunings, err := m.tunings()
	if err != nil {
		return err
	}
	d := document.Tunings(tunings, m.trials, &m.run.Environment)
	d.Fields = append([]document.Field{{Name: "dir", Value: m.dir}, {Name: "what", Value: t.What}, {Name: "model", Value: t.Model}}, d.Fields...)
	note := ""
	if done := results.Finished(m.trials); done < m.run.Planned() {
		note = fmt.Sprintf("%d of %d trials: it was interrupted\n", done, m.run.Planned())
	}
	return m.present(d, note, func() *files {
		f := &files{err: errors.Join(document.SaveSummary(m.dir, stats.Summarize(m.trials, m.run.Models)), saveAs(m.dir, d, "tune.txt"))}
		f.add(drawer(m.run).Tune(tunings...))
		f.page = func() (string, error) { return page.SaveTune(m.dir, m.run, m.trials, tunings, f.figures) }
		return f
	})
}

// tunings are what the run was to tune, and what became of each knob.
func (m *measured) tunings() (t tune, all []*read.Tuning, err error) {
	if err = json.Unmarshal(m.run.Plan, &t); err == nil {
		err = t.check()
	}
	if err != nil {
		return t, nil, fmt.Errorf("%s: plan: %w", m.dir, err)
	}
	return t, results.Map(t.Knobs, func(k tunedKnob) *read.Tuning { return read.Tune(k.Tuned, m.trials) }), nil
}
