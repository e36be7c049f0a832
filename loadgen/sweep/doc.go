// Package sweep measures many points: it turns a plan into trials and runs them.
//
//   - A [Plan] is what to measure, as a file or flags say it; [Plan.Order] is its
//     trials, in blocks of one point each, shuffled by a seed.
//   - A [Row] is a server to compare: a command. The package knows no model.
//   - A [Drive] is one load on a fresh server process on CPUs of its own, by client
//     processes on others, watched by package sample.
//   - A [Runner] drives each trial of a plan and stores it. What is noisy it repeats. In closed
//     loops the trials of a block take turns, a slice of each after the other. A
//     [TableRunner] searches for the most clients that a row serves.
//
// The process that does this sleeps while a trial runs.
package sweep
