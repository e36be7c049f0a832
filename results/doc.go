// Package results is what a run leaves behind and what can be read from it.
//
// It follows a run from the measurement to the reader:
//
//  1. A [Trial] is one measurement: one model, one workload, one fresh server
//     process. [Latency] is how its distribution is written down.
//  2. A [Store] is the run's folder: it appends trials, fsynced, and keeps the
//     full distributions as HdrHistogram logs. [Open] reads the folder back.
//  3. [Judge] says why a trial's figures must not be trusted, and [Explain] what
//     that means.
//  4. [Summarize] turns trials into [Point]s: the trial is the unit, so a point
//     is a median over trials, never a pool of their requests.
//  5. [Rank] says which rows of a point can be told apart, [Compare] in what two rows
//     or runs differ, and [Wide] where more trials are needed to say so. All three rest
//     on an [Effect], the ratio of two sets of trials with its interval.
//  6. [Profiles] and [Goal.CapacityOf] read a comparison table from its trials, [Tune] a
//     knob, and a [Claim] is what became of something said. [Scalings] fits how a row's
//     throughput grows with clients.
//  7. [WriteTable], [WriteRankings], [WriteResources], [WriteComparison], [WriteCSV] and
//     [WriteBench] show all that.
//
// The package imports nothing else of this module, so that everything that
// measures and everything that draws can share it.
package results
