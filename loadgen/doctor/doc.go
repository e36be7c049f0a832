// Package doctor looks at a machine before anything is measured on it: what
// limits a benchmark here, what disturbs it, and what to do about either.
//
//   - [Examine] reads limits, kernel settings, CPUs and clock from /proc and /sys,
//     then looks at the CPUs that a run would use for a while: idle first, for what
//     others do there, and then busy, for what interrupts them.
//   - A [Check] is one thing it found, with a verdict and one line of advice. What
//     cannot be read is unknown, with where it can be, and never guessed.
//   - The [Report] holds all checks, the figures of the noise and the machine.
//
// Reading and judging are apart: readers take a path to the root of the file
// system, judges are pure functions.
package doctor
