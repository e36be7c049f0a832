// Package read is what commands conclude from trials: the [Capacity] of a row and its
// [Profile] in the comparison table, the [Tuning] of a knob, the [Choice] of a row for a
// workload, what became of a [Claim], and by the Universal Scalability Law what more clients
// would come to ([Scaling]), and what has changed over the runs of a folder ([History]). It says nothing to anybody; package document does.
package read
