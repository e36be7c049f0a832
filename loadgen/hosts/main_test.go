package hosts

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain lets the test binary be the processes that agents start: with the name of one of
// actors as its first argument it is that.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		if act, ok := actors[os.Args[1]]; ok {
			act()
			return
		}
	}
	os.Setenv("GORACE", "atexit_sleep_ms=0") // else each actor takes a second to end
	// Of one put in some hundreds nats.go leaves a goroutine, when that begins only after the put
	// is over: it then waits on the channel that has been set to nil (jetstream/publish.go).
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/nats-io/nats.go/jetstream.(*jetStream).resetPendingAcksOnReconnect"))
}

// word is what actors are told and say.
type word struct {
	Number int    `json:"number,omitempty"`
	Text   string `json:"text,omitempty"`
}

var actors = map[string]func(){
	"actor-echo":     echo,
	"actor-dies":     dies,
	"actor-stubborn": stubborn,
	"actor-deaf":     deaf,
	"actor-farewell": farewell,
	"actor-agent":    agentProcess,
	"actor-holder":   holder,
	"actor-babbles":  func() { fmt.Println("no JSON"); select {} },
}

// echo says each line again until there are no more.
func echo() {
	lines, say := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var w word
		if lines.Decode(&w) != nil {
			return
		}
		say.Encode(w)
	}
}

// dies does so after its first line, and says why.
func dies() {
	json.NewEncoder(os.Stdout).Encode(word{Number: os.Getpid()})
	bufio.NewReader(os.Stdin).ReadString('\n')
	fmt.Fprintln(os.Stderr, "out of\x1b[31m ideas")
	os.Exit(3)
}

// stubborn says its number and does not end when it is asked to.
func stubborn() {
	signal.Ignore(syscall.SIGTERM)
	json.NewEncoder(os.Stdout).Encode(word{Number: os.Getpid()})
	time.Sleep(time.Hour)
}

// deaf reads nothing.
func deaf() {
	json.NewEncoder(os.Stdout).Encode(word{Number: os.Getpid()})
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	<-asked
}

// farewell says something more when it is asked to end.
func farewell() {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	say := json.NewEncoder(os.Stdout)
	say.Encode(word{Text: "hello"})
	<-asked
	say.Encode(word{Text: strings.Repeat("x", 2*inlineLine)})
	say.Encode(word{Text: "goodbye"})
}
