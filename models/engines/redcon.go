package engines

import "connbench/models"

// Redcon is redcon, with which a server speaks the protocol of Redis: a goroutine per
// connection, replies that go out when what has arrived is answered, and a map of values
// behind a lock, as its documentation has it.
//
// It has no bound of its own of what a command holds: the adapter ends who sends more than the
// maximum. A length close to 2^63 ends the process, as redcon adds to it before it looks.
var Redcon = models.Model{
	Name:     "redcon",
	Summary:  "third-party: a server of Redis' protocol with a goroutine per connection",
	Networks: []string{"tcp", "unix"},
	Unit:     "goroutine per connection",
	Blocking: true,
	Framings: []models.Framing{models.RESP},
	Knobs:    libraryKnobs,
	Engine:   "github.com/tidwall/redcon v1.6.4",
	Lacks: map[string]string{
		"Refuses":              "redcon drops replies to what has come with what it refuses, in its own words, and knows no bound; a length close to 2^63 ends the process",
		"RefusesBehindReplies": "as Refuses",
	},
	Open: openRedcon,
}
