package main

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/pace"
	"connbench/loadgen/sweep"

	"github.com/google/go-cmp/cmp"
)

// Each field of a plan's file is a flag of run, and overlay takes each one of them.
func TestPlanFieldsAreFlags(t *testing.T) {
	fields := map[string]reflect.Value{}
	var plan sweep.Plan
	planFields(reflect.ValueOf(&plan).Elem(), fields)
	delete(fields, "knobs") // which are flags each; see TestKnobsAreFlags
	var flags planFlags
	knobs := slices.Collect(maps.Keys((&serverKnobs{}).texts()))
	var names []string
	for _, flag := range flagsOf(&flags) {
		if field, has := fields[flag.Name]; has && !flag.Target.CanConvert(field.Type()) {
			t.Errorf("--%s is of another kind than its field", flag.Name)
		}
		if !slices.Contains(knobs, flag.Name) {
			names = append(names, flag.Name)
		}
	}
	slices.Sort(names)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(fields)), names); diff != "" {
		t.Errorf("fields of a plan and flags (-fields +flags):\n%s", diff)
	}
	flags.Models, flags.Seed, flags.Duration, flags.Slow = []string{"pool"}, 7, 9, 0.5
	overlay(&plan, &flags, names)
	if plan.Models[0] != "pool" || plan.Seed != 7 || plan.Duration != 9 || plan.Slow != 0.5 {
		t.Errorf("the plan is %+v", plan)
	}
	if plan.Clients == nil {
		t.Error("a list given as empty was left out")
	}
}

// The tutorial's rows are all of which it says something, each of them known.
func TestTutorialRows(t *testing.T) {
	c := tableCommand{Tutorial: true}
	if got := c.table([]string{"tutorial"}).Models; len(got) != len(tutorialWords) {
		t.Errorf("%v", got)
	}
	c.Tutorial = false
	if got := c.table(nil).Models; got != nil {
		t.Errorf("without asking for them: %v", got)
	}
}

// What table and tune have of a plan's flags goes where it is to.
func TestOverlaysFit(t *testing.T) {
	for _, flags := range []any{&tableCommand{}, &tuneCommand{}} {
		var names []string
		for _, flag := range flagsOf(flags) {
			names = append(names, flag.Name)
		}
		overlay(&sweep.Table{}, flags, names) // or panics
	}
}

// A flag that is not given leaves the plan as it is.
func TestOverlayLeavesTheRest(t *testing.T) {
	plan := sweep.DefaultPlan([]string{"pool"})
	overlay(&plan, &planFlags{}, nil)
	if diff := cmp.Diff(sweep.DefaultPlan([]string{"pool"}), plan); diff != "" {
		t.Error(diff)
	}
}

// A range is that of the flag's tag, its ends included.
func TestCheckRange(t *testing.T) {
	for _, row := range []struct {
		allowed string
		value   any
		ok      bool
	}{
		{"1 to 100", 1, true}, {"1 to 100", 100, true}, {"1 to 100", 0, false}, {"1 to 100", 101, false}, {"1 to 100", -5, false},
		{"50ms to 1m", 50 * time.Millisecond, true}, {"50ms to 1m", time.Minute, true},
		{"50ms to 1m", 49 * time.Millisecond, false}, {"50ms to 1m", time.Minute + 1, false},
		{"0s or more", time.Hour, true}, {"0s or more", -time.Second, false}, {"", -7, true},
	} {
		err := checkRange("flag", row.allowed, reflect.ValueOf(row.value))
		if (err == nil) != row.ok || err != nil && (!isUsage(err) || !strings.Contains(err.Error(), row.allowed)) {
			t.Errorf("%v of %q: %v", row.value, row.allowed, err)
		}
	}
}

// Every flag of load but those of its own goes into the load that it puts.
func TestLoadFlagsAreOfTheSpec(t *testing.T) {
	for _, flag := range reflect.VisibleFields(reflect.TypeFor[loadCommand]()) {
		own := []string{"RateAsked", "Payload", "Fleet", "JSON", "Quiet"}
		if _, has := reflect.TypeFor[loadgen.Spec]().FieldByName(flag.Name); !has && !flag.Anonymous && !slices.Contains(own, flag.Name) {
			t.Errorf("the spec has no %s", flag.Name)
		}
	}
	spec := (&loadCommand{RateAsked: pace.Profile{Rate: 7}, Payload: sweep.Payload{Size: 5}, clientFlags: clientFlags{Parts: 3, IO: loadgen.EpollIO}}).spec()
	if spec.Rate != 7 || spec.PayloadBytes != 5 || spec.Parts != 3 || spec.IO != loadgen.EpollIO {
		t.Errorf("%+v", spec)
	}
}
