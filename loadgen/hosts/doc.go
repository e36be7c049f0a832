// Package hosts runs processes on other machines, over NATS.
//
// An [Agent] runs on each of them. A [Controller] finds agents, claims some, and starts
// processes there, each of which is a [process.Peer]: told things as lines of JSON, it
// answers in lines of JSON. An agent starts only the few kinds of process that its own
// command line knows; what they are is no matter of this package.
//
//   - Subjects and who may use them: subjects.go. Keys, certificates and the server's
//     configuration, which gives each kind of key its permissions: keys.go, certificate.go,
//     configuration.go. The same configuration is that of the embedded server.
//   - Each direction of a process is a sequence of frames, numbered from 1: frames.go. A line
//     of more than 64 KiB goes through JetStream's object store: objects.go.
//   - An agent serves one controller at a time, by a lease that the controller renews every
//     two seconds, and answers each renewal. Both messages say how many frames their sender
//     has sent for each process, so that a lost one is noticed, the last one too.
//   - What fails because a host is gone, cut off, hung or has lost a line is [process.ErrLost]. The
//     processes are lost with it; [Host.Await] waits for the host and claims it anew.
//
// While no process says anything a claimed agent sends one message every two seconds, an
// unclaimed one none; beside them there is a ping of the connection every ten.
package hosts

import "time"

// Protocol is the version of what agents and controllers say to each other. Those of
// different versions refuse each other.
const Protocol = 2

// How often, and how patient, where [Options] and [Agent] do not say.
const (
	defaultHeartbeat   = 2 * time.Second
	defaultSilence     = 10 * time.Second
	defaultOrphanAfter = 15 * time.Second
)

const (
	requestTimeout = 5 * time.Second  // for an agent to answer what takes it no time
	objectTimeout  = 60 * time.Second // for a large line, or a program, to go through the store
	stopSlack      = 10 * time.Second // for the end of a process to be told, beyond its grace
)
