// Package profile says where the CPU time of a server goes, and which system calls it makes,
// whatever it is written in. It is for a window of its own: both slow the server down.
//
//  1. [Begin] samples the stacks of processes, in the kernel and in their own code, by
//     perf_event_open(2)'s CPU clock; [Sampler.End] makes of them a profile with names that
//     pprof reads.
//  2. [Trace] records each system call that returns, by tracepoints; [Tracer.End] counts them
//     by name.
//  3. [FromFolded] makes a profile of stacks that an interpreter has sampled itself.
//
// Both follow the processes that come from those they are given. Where the kernel does not
// allow them, as in a container or without root, the error wraps [errors.ErrUnsupported].
package profile
