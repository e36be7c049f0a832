// Package claims puts what the tutorial claims to the test (SEED.md): each claim is an
// experiment, in a file of its own, that ends in figures and in one of three
// outcomes: confirmed, refuted, or not decidable here.
//
// An outcome follows from the figures by the rule that stands beside the experiment.
// Where figures differ from trial to trial a claim is confirmed or refuted only if
// their interval is on one side; what is seen directly, such as an error of a
// system call, needs none. Nothing is confirmed beside a figure against it: what holds
// of one language or kind and not of another is a claim of its own. An experiment that
// this machine cannot make ends as not decidable, with the reason.
//
// Servers run as in any trial, in processes and on CPUs of their own. Trials are in
// the run's folder like those of any other run; figures that do not come from trials
// say how they were obtained.
package claims
