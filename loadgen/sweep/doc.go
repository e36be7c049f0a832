// Package sweep measures many points: it turns a plan into trials and runs them.
//
//   - A [Plan] is what to measure, as a file or flags say it; [Plan.Order] is its
//     trials, in blocks of one point each, shuffled by a seed.
//   - A [Row] is a server to compare: a command. The package knows no model.
//   - A [Runner] runs each trial with a fresh server process on CPUs of its own
//     and a client process on others, and stores the trial. What is noisy it repeats.
//   - A [Watch] sees what a trial does to its server and to the machine.
//
// The process that does this sleeps while a trial runs.
package sweep
