package engines

import "connbench/models"

// NetHTTP is the server of Go's standard library: a goroutine reads a connection's requests and
// calls the handler, and while that has one, another looks whether the client leaves.
//
// It has no knob of its read buffer, which is 4 KiB long. A request line with its fields may be
// 12 to 16 KiB long. It says Date no more than our own rows do.
var NetHTTP = models.Model{
	Name:     "nethttp",
	Summary:  "the standard library's HTTP server: a goroutine per connection, two while it answers",
	Networks: []string{"tcp", "unix"},
	Unit:     "goroutine per connection",
	Blocking: true,
	Framings: []models.Framing{models.HTTP},
	Knobs:    libraryKnobs,
	Engine:   standardLibrary,
	Lacks: map[string]string{
		"OurOwnWords":               "net/http puts fields in the order of their names, and has words of its own for what it refuses",
		"Refuses/length and chunks": "net/http takes the chunks, and deletes the length",
		"Refuses/bare line feed":    "net/http takes it for the end of a line",
		"Refuses/folded field":      "net/http joins the lines",
	},
	Open: openNetHTTP,
}

// standardLibrary is the engine that needs no module.
const standardLibrary = "net/http"

// libraryKnobs are those of the servers that read and write a net.Conn themselves, which is
// all but those of what they read with.
var libraryKnobs = []models.Knob{
	models.KnobRecvBuffer, models.KnobSendBuffer, models.KnobBacklog, models.KnobNoDelay, models.KnobReuseAddr,
	models.KnobReusePort, models.KnobProcesses, models.KnobIdleTimeout, models.KnobTLS,
}
