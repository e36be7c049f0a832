// Package stats makes figures of trials: [Summarize] turns them into [Point]s, the trial
// being the unit, so that a point is a median over trials and never a pool of their requests;
// an [Interval] says between which values the truth lies, and an [Effect] how many times as
// large a figure is in one set of trials as in another. On these rest [Rank], which rows of a
// point can be told apart, [Compare], in what two rows or runs differ, [Wide], where more
// trials are needed to say so, and [Distributions], whole latency distributions by percentile.
package stats
