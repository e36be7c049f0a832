package engines

import "connbench/models"

// FastHTTP is fasthttp: a goroutine of a pool per connection, memory that is used again, and a
// flush only when what has arrived is answered.
//
// Its read buffer holds a request's line and fields too, which cannot be longer. It says Date
// and Server no more than our own rows do.
var FastHTTP = models.Model{
	Name:     "fasthttp",
	Summary:  "third-party: an HTTP server with a pooled goroutine per connection",
	Networks: []string{"tcp", "unix"},
	Unit:     "goroutine per connection",
	Blocking: true,
	Framings: []models.Framing{models.HTTP},
	Knobs:    append([]models.Knob{models.KnobReadBuffer}, libraryKnobs...),
	Engine:   "github.com/valyala/fasthttp v1.78.0",
	Lacks: map[string]string{
		"CutAtEveryByte":            "fasthttp keeps a reply back while the request behind it has a head and not all of its body",
		"Refuses/length and chunks": "fasthttp takes the chunks, and ends the connection after them",
		"Refuses/bare line feed":    "fasthttp waits for a line that ends as it should",
		"Refuses/folded field":      "fasthttp takes the second line",
		"Refuses/later version":     "fasthttp takes it for HTTP/1.0",
	},
	Open: openFastHTTP,
}
