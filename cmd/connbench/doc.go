// Command connbench measures server concurrency models against each other.
//
// This package is flags and wiring: a file per subcommand, the flags that several of them
// share in flags.go, and the view of a command under way in the package live. The field of
// a plan and its flag have one name, that of the plan's file, by which [overlay] puts the
// one into the other: a new field of [sweep.Plan] is that field and one line in flags.go or
// in [planFlags], and run --plan takes it too. A check of its range stands in Validate,
// which flags and plans both go through.
//
// A knob of servers is a field of [models.Knobs], which is the flag too: package models says
// how to add one. A Config gets it from [serverKnobs], a plan by [serverKnobs.putKnobs], a
// server of run by [knobFlags], all by name.
package main
