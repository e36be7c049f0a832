// Command connbench measures server concurrency models against each other.
//
// This package is flags and wiring: a file per subcommand, the flags that several of them
// share in flags.go, and the view of a command under way in the package live. The field of
// a plan and its flag have one name, that of the plan's file, by which [overlay] puts the
// one into the other: a new field of [sweep.Plan] is that field and one line in flags.go or
// in [planFlags], and run --plan takes it too. A check of its range stands in Validate,
// which flags and plans both go through.
//
// # Add a knob
//
// A knob of servers, say --defer-accept, is added in three places:
//
//  1. models: its name, KnobDeferAccept = "defer-accept", in the list of Knobs; the field
//     DeferAccept of Config, with its check, and the models that honour it.
//  2. [serverKnobs]: the flag, whose field has the name of that in Config:
//     DeferAccept bool `group:"Knobs of servers" help:"TCP_DEFER_ACCEPT; off by default."`
//  3. models: what it does, where the socket is made.
//
// serve, run, table and plans take it from there: a Config gets it by [serverKnobs.set], a
// plan by [serverKnobs.putKnobs], a server of run by [knobFlags], all by name. That nothing
// is left out is seen by TestKnobsAreFlags and TestDefaultsAgree.
package main
