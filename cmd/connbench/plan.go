package main

import (
	"os"
	"slices"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/sweep"

	"github.com/alecthomas/kong"
)

// planFlags are the flags that stand for fields of a plan.
type planFlags struct {
	rowFlags    `embed:""`
	Clients     []int        `help:"Numbers of clients; by default 1,16,256." placeholder:"N"`
	Payloads    []sweep.Size `help:"Payloads of a request; by default 64B,4KiB." placeholder:"SIZE"`
	networkFlag `embed:""`
	frameFlags  `embed:""`
	workFlag    `embed:""`

	Rates       []float64 `help:"Requests a second in all, sent when they are due: open loops. By default a closed loop." placeholder:"R"`
	clientFlags `embed:""`

	windowFlags   `embed:"" set:"duration=300ms" set:"warmup=100ms"`
	patienceFlags `embed:""`
	Trials        int           `help:"Trials of each point; by default 20. With --precision the first ones of each point, 6 or more." placeholder:"N"`
	Precision     sweep.Percent `help:"Go on with further trials until each comparison that matters (of a row with the best of its point, unless it is far behind) is known to within so much, as 5%." placeholder:"P%"`
	MaxTime       time.Duration `help:"With --precision: begin no further block after this long; by default 30m." placeholder:"D"`
	Retries       int           `help:"How often a noisy trial is repeated at the end of its block; by default twice." placeholder:"N"`
	seedFlag      `embed:""`
	serverKnobs   `embed:""`

	cpuFlags `embed:""`
}

// plan is the default plan with the fields of a file, if there is one, and the
// given flags over it. Its models are nil where neither names any; see
// [roster.rows].
func (f *planFlags) plan(file string, given []string) (sweep.Plan, error) {
	plan := sweep.DefaultPlan(nil)
	if file != "" {
		r, err := os.Open(file)
		if err != nil {
			return plan, usage(err)
		}
		defer r.Close()
		if err := plan.ReadPlan(r, file); err != nil {
			return plan, usage(err)
		}
	}
	overlay(&plan, f, given)
	if slices.Contains(given, "precision") && f.Precision == 0 {
		return plan, &loadgen.SpecError{Field: "precision", Value: f.Precision, Allowed: "more than 0% to 100%"}
	}
	if slices.Contains(given, "arrivals") && len(plan.Rates) == 0 {
		return plan, arrivalsOfNothing(f.Arrivals, "rates")
	}
	f.putKnobs(&plan, given)
	return plan, nil
}

// givenFlags names the flags on the command line: what is given as zero or empty
// is meant to be.
func givenFlags(k *kong.Context) []string {
	var names []string
	for _, p := range k.Path {
		if p.Flag != nil {
			names = append(names, p.Flag.Name)
		}
	}
	return names
}
