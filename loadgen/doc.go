// Package loadgen drives a server at any address and measures what it does. It
// knows no model.
//
//   - [Spec] says what to send. [Run] sends it: a few locked threads, each with
//     an epoll and, where there is one to have, an io_uring, its own connections,
//     its own histograms and nothing shared while it runs.
//   - layout is what a request looks like on the wire. Every request differs,
//     and every byte that comes back is checked.
//   - [Result] is what one process measured. Results of several processes merge,
//     and become a [results.Trial].
//   - [Serve] and [Clients] carry a Spec to a process of its own and a Result back.
//
// A request belongs to the measured window if it was due inside it, whenever its
// answer came; in a steady state what the window's end cuts off and what its
// beginning lets in cancel out. A failure belongs to the window if it was seen
// after the warm-up, so that clients which starve from the first moment on are
// not overlooked.
package loadgen
