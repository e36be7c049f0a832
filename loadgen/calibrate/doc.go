// Package calibrate finds out how far the harness can be trusted on a machine.
//
//   - [Server] is a server whose response times are known: one worker, and service
//     times that are given, fixed or drawn from a seed.
//   - [Sojourn] is what queueing theory says of it under Poisson arrivals, and
//     [Sojourns] what follows exactly for given arrivals and services.
//   - A [Bench] drives it with the load generator, in the processes and on the CPUs
//     of any trial, and against an echo server measures pacing, round trip and the
//     client's own cost.
//   - The [Report] holds every repetition, and in words what follows: [Finding].
//
// # Ground truth
//
// Beside theory stands chance: the mean of 8000 requests at a load of 0.8 differs
// by several per cent from that of all requests there could be. Here that part is
// known. Arrivals and services come from seeds, so the response times of exactly
// these requests follow from Lindley's recursion (D. V. Lindley, "The theory of
// queues with a single server", 1952), the warm-up included. They serve as a
// control variate (S. S. Lavenberg, P. D. Welch, "A perspective on the use of
// control variables to increase the efficiency of Monte Carlo simulations",
// Management Science 27, 1981) with coefficient 1:
//
//	deviation = (measured - floor - sample path) / theory
//
// Chance drops out of that, and what the harness adds stays. The plain deviation,
// (measured - floor - theory) / theory, is shown beside it.
//
// # The floor
//
// A request also travels, which theory knows nothing of. The floor is that part:
// the response time of the same open loop, process and code at the same rate with
// a service time of 0. The rate matters, since the less there is to do, the deeper
// a virtual CPU sleeps, and the later the client wakes up to an answer: measured
// were 40 µs at 1,000 requests/s and 25 µs at 4,000.
//
// From the mean goes the floor's mean. From the 99th percentile goes neither the
// floor's 99th percentile nor its median: requests that queue long are not those
// that travel long, and yet a way that varies widens what is narrow. What goes is by
// how much the 99th percentile of the sample path grows when to every sojourn a
// way is added that is drawn independently from those of the floor.
//
// # Noise
//
// Ground truth holds only while server and client run when they are ready to. A
// repetition in which others took their CPUs is repeated, up to a bound: by what the
// hypervisor and the scheduler say, by the jumps of the server's clock, and by how
// late the client looked at requests that were due, which by Poisson arrivals is
// what any request would have met. It stays in the report and counts for nothing.
package calibrate
