// Package models says what a server that connbench compares is: a [Model] says what it
// does with its clients, and opens a [Server] from a [Config]. The servers differ in one
// thing only, how a connection gets the attention of a thread.
//
// The servers are in a room, a package, for each kind:
//
//   - blocking waits for one client in a goroutine or a thread: sequential, goroutine,
//     goroutine-lean, pool, thread, thread-netpoll;
//   - readiness asks the kernel which of many sockets are ready: select, poll, the
//     reactors, pool-request;
//   - completion hands operations to the kernel and is told of their end: uring;
//   - datagram has no connections: udp, udp-multi, udp-batch;
//   - processes shares connections out among processes: prefork, and any other that has the
//     knob of their number.
//
// What they have in common is in serving: the life of a server, counters, sessions. The
// list of them is in all, and nowhere else. Config is the same for every model, which
// honours the knobs that apply to it and refuses the others, so that rows stay comparable.
//
// # How to add a model
//
// A model on net.Conn is one file in blocking, with its test, and one line in
// all.Models. The file says which thread of control serves a connection:
//
//	var Quota = models.Model{
//		Name:  "quota",
//		Knobs: models.NetConnKnobs(),
//		...
//		Open: func(cfg models.Config) (models.Server, error) { return openStream(cfg, new(quota)) },
//	}
//
// The README has the whole file, which a test compiles and holds to the conformance
// suite of modeltest; the model's own test does so in one line.
//
// A model on bare descriptors takes more: its Model in a file that is built everywhere,
// its server, loop and connections in files for Linux (five of uring, four of
// pool-request), and a line in the room's other.go, which refuses elsewhere. All
// files begin with the model's name: by that connbench models counts what is its own.
//
// # How to add a knob
//
// A knob takes three lines. Say that the README's model quota is to be told how many clients
// it serves at once. The first line is a field of [Knobs], whose tags are the flag and what
// it may be:
//
//	Quota int `name:"quota" default:"100" min:"1" max:"1048576" allowed:"1 to 1048576" help:"Clients of quota at once."`
//
// The second is in the model, which honours it; every other refuses it:
//
//	Knobs: models.NetConnKnobs("quota"),
//
// The third is where it takes effect:
//
//	q.SetLimit(cfg.Quota)
//
// serve, run, table and plans then have --quota, with its range. A test adds the knob as it
// stands here (TestReadmeModelServes).
package models
