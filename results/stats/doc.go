// Package stats makes figures of trials: [Summarize] turns them into [Point]s, the trial
// being the unit, so that a point is a median over trials and never a pool of their requests;
// an [Interval] says between which values the truth lies, and an [Effect] how many times as
// large a figure is in one set of trials as in another. On these rest [Rank], which rows of a
// point can be told apart, [Compare], in what two rows or runs differ, [Wide], where more
// trials are needed to say so, [Leave], where they are not, [Edge], up to which number a
// thing holds, [Changes], from which of many runs on a figure is another, and [Distributions], whole latency distributions by percentile.
//
// # The model
//
// All of a figure's trials at a point are one fit: the logarithm of a trial's figure is the
// level of its row, plus where the machine has drifted to, plus noise. Pairs, intervals and
// groups come from it, in run, compare, choose and tune alike.
//
//   - Logarithms, as rows differ by factors and machines slow all of them by one.
//   - The drift is common to all rows. It is a level of each block, or, where trials are
//     many enough to tell, a process that forgets (Uhlenbeck and Ornstein 1930), whichever
//     has the higher restricted likelihood (Patterson and Thompson 1971). On the machines that
//     this was built on it has a standard deviation of 0.135 and lasts 2 s, where trials
//     scatter by 0.10 beside it: a level of each block of 20 s takes little of that out. The
//     drift being random, rows whose trials of a block are not valid are compared by the others
//     of theirs; two rows alone are compared in the blocks that both have.
//   - Tails are held off: a trial further than 1.5 standard deviations off pulls as if it were
//     there (Huber 1964), which costs 4 % of normal trials' worth. Ranks would do as well
//     with many trials; of six they can tell nothing from one in 32, and hundreds of pairs ask
//     for one in thousands.
//   - Each row has a variance of its own, drawn towards the one that all have in common as far
//     as they agree (Smyth 2004): six trials of a row know little of its scatter.
//   - What follows from few held trials is made up for by factors calibrated by simulation; see
//     the tests, which simulate machines with bursts, drift, heavy tails, unequal rows and missing
//     trials, few times in each run of them and fifty times as often in `make selfcheck`.
//
// Of all differences that a ranking claims at most 5 % are none in the mean (Benjamini and
// Hochberg 1995); all that compare claims hold together (Holm 1979). How far a row is from the
// best allows for that nobody knows which that is (Hsu 1984; Benjamini and Yekutieli 2005). No difference is claimed of an
// interval within ±5 % alone (Schuirmann 1987).
//
// A sweep looks at what it knows from half of its blocks on ([Leave]): rows that are far behind
// by the boundary of O'Brien and Fleming are measured no further. In simulation no near row left in
// any of 180 runs, and intervals after it held the truth as often as without (93 to 96 %).
//
// The client's CPU time in the same window is not used as a control variate, though it
// varies with the server's: what it is expected to be is not known and has to be estimated
// from the same trials, row by row, so that the levels stay what they were (A. Zellner, "An
// efficient method of estimating seemingly unrelated regressions", 1962: with the same
// regressors nothing is gained), while the scatter about them shrinks, and intervals with it
// that then hold the truth too seldom.
package stats
