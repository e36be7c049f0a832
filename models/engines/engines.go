// Package engines has network engines and servers of others as models: each is the server
// that its documentation shows, with the requests, counters and Shutdown of package
// serving.
//
//   - An adapter is the files of its name. It copies nothing where the engine's
//     interface can do without, and turns the knobs that the engine has; those it has
//     not are refused.
//   - What an engine cannot promise is in its Model: Lacks names the cases of the
//     conformance suite that it cannot pass, and why.
//   - group is what they have in common: which connections there are, and when one
//     has nothing more to say after Shutdown.
//   - The servers of libraries that give each connection a goroutine, and read and parse
//     in it themselves, are around visits, whose connections are visitors: these see what
//     the library does not say. They speak one protocol, the library's.
//
// The engines run for Linux only.
package engines

import "connbench/models"

// All lists the engines, in the order in which they are shown.
func All() []models.Model {
	return []models.Model{Gnet, Netpoll, Nbio, Gaio, NetHTTP, FastHTTP, Redcon}
}

// maxUnread is how many bytes of replies may wait for room, beside a frame, before a
// connection is ended. It is for the engines that read on meanwhile.
const maxUnread = 64 << 20
