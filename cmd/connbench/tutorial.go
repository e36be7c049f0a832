package main

import "connbench/results"

// The tutorial's comparison table, in its words; it gives them without a measurement.
var (
	threadWords = results.Words{
		Clients: "hundreds", Complexity: "low", Blocking: "yes", Use: "development and low-traffic services",
	}
	selectWords = results.Words{
		Clients: "thousands", Complexity: "medium", Blocking: "no", Use: "I/O-bound servers on a single thread",
	}
	asyncioWords = results.Words{
		Clients: "tens of thousands", Complexity: "medium-high", Blocking: "no", Use: "high-concurrency Python services",
	}
)

// tutorialWords is what the tutorial says of rows that are of its three kinds; a
// goroutine per connection is what Go has for its coroutines.
var tutorialWords = map[string]results.Words{
	"thread":                        threadWords,
	"python-threading":              threadWords,
	"python-socketserver-threading": threadWords,
	"select":                        selectWords,
	"poll":                          selectWords,
	"reactor":                       selectWords,
	"python-selectors":              selectWords,
	"goroutine":                     asyncioWords,
	"python-asyncio":                asyncioWords,
}
