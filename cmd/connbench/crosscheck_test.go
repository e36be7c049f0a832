//go:build crosscheck && linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"connbench/loadgen/process"
	"connbench/loadgen/sample"
	"connbench/loadgen/sweep"
	"connbench/loadgen/system"
	"connbench/results"
)

// The crosscheck holds `load` against clients that others wrote: both drive the same server in
// turns, in a closed loop of as many connections, and what they say of it is divided. It is run by
// `make crosscheck` alone. What comes of it is not judged, since none of the clients is the truth; but
// all must have had answers, and no errors.

// What is asked: 64 connections, 64 bytes.
const (
	crossClients = 64
	crossPayload = 64
	crossKeys    = 10_000
	crossBatch   = 16 // that redis-benchmark pipelines
)

// crosscheck is what all pairs have in common.
type crosscheck struct {
	*testing.T
	binary, dir string
	placed      system.Placement
	duration    time.Duration // of each client's load; some take whole seconds
	rounds      int
	rows        []crossed
}

// crossed is a pair that was measured.
type crossed struct {
	other, server string
	ours, theirs  []measure // a round each
}

// measure is what came of one load.
type measure struct {
	outcome
	serverCPU, clientCPU time.Duration // a request
}

func newCrosscheck(t *testing.T) *crosscheck {
	_, placed, err := system.PlaceHere("", "")
	if err != nil {
		t.Fatal(err)
	}
	c := &crosscheck{T: t, binary: filepath.Join(t.TempDir(), "connbench"), dir: t.TempDir(), placed: placed, duration: 5 * time.Second, rounds: 5}
	if out, err := exec.Command("go", "build", "-o", c.binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if text := os.Getenv("CONNBENCH_DURATION"); text != "" {
		if c.duration, err = time.ParseDuration(text); err != nil || c.duration < 100*time.Millisecond {
			t.Fatalf("CONNBENCH_DURATION: %q is not allowed (100ms or more)", text)
		}
	}
	if text := os.Getenv("CONNBENCH_ROUNDS"); text != "" {
		if c.rounds, err = strconv.Atoi(text); err != nil || c.rounds < 1 {
			t.Fatalf("CONNBENCH_ROUNDS: %q is not allowed (1 or more)", text)
		}
	}
	return c
}

// start starts a server on the CPUs that are for one, until the test ends.
func (c *crosscheck) start(row sweep.Row) *sweep.Server {
	c.Helper()
	s, err := sweep.StartServer(c.Context(), row, c.placed.Server)
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(s.Kill)
	return s
}

// served is a row of ours.
func (c *crosscheck) served(model, framing string) *sweep.Server {
	command := []string{c.binary, "serve", model, "--framing", framing}
	if framing == "http" {
		command = append(command, "--response-size", fmt.Sprint(crossPayload))
	}
	return c.start(sweep.Row{Name: model, Network: "tcp", Command: command})
}

// preset is a server from elsewhere as `run --exec` starts it.
func (c *crosscheck) preset(name string) *sweep.Server {
	installed(c.T, name)
	return c.start(sweep.Row{Name: name, Network: "tcp", Foreign: true, Command: []string{
		c.binary, "preset", name, "{addr}", c.dir, "--response-size", fmt.Sprint(crossPayload), "--clients", fmt.Sprint(crossClients),
	}})
}

// cpu is what a server has taken so far.
func (c *crosscheck) cpu(s *sweep.Server) (sum time.Duration) {
	for _, root := range s.PIDs() {
		for _, pid := range sample.Tree(root) {
			one, err := process.CPU(pid)
			if err != nil {
				c.Fatal(err)
			}
			sum += one
		}
	}
	return sum
}

// drive runs a client on the CPUs that are for clients, and reads what it says.
func (c *crosscheck) drive(server *sweep.Server, parse func(string) (outcome, error), command ...string) measure {
	c.Helper()
	var said, wrong bytes.Buffer
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdout, cmd.Stderr = &said, &wrong
	before := c.cpu(server)
	err := process.OnCPUs(c.placed.Client, cmd.Start)
	if err == nil {
		err = cmd.Wait()
	}
	var m measure
	if err == nil {
		m.outcome, err = parse(said.String())
	}
	if err != nil {
		c.Fatalf("%q: %v: %s%s", command, err, &said, &wrong)
	}
	if m.requests == 0 || m.failed > 0 {
		c.Fatalf("%q: %d answers and %d failures: %s%s", command, m.requests, m.failed, &said, &wrong)
	}
	each := func(d time.Duration) time.Duration { return d / time.Duration(m.requests+m.beside) }
	m.clientCPU = each(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime())
	m.serverCPU = each(c.cpu(server) - before)
	return m
}

// load drives with our client. It has no warm-up, as the others have none: what it and the server take
// from the first connection on is divided by all requests.
func (c *crosscheck) load(server *sweep.Server, address string, args ...string) measure {
	c.Helper()
	command := append([]string{c.binary, "load", address, "--warmup", "0s", "--duration", c.duration.String(), "--json"}, args...)
	return c.drive(server, parseLoad, command...)
}

func parseLoad(said string) (outcome, error) {
	var t results.Trial
	if err := json.Unmarshal([]byte(said), &t); err != nil {
		return outcome{}, err
	}
	o := outcome{requests: t.Requests, rps: t.ThroughputRPS}
	for _, n := range t.Errors {
		o.failed += n
	}
	if l := t.ServiceLatency; l != nil {
		o.p50, o.p99 = time.Duration(l.P50), time.Duration(l.P99)
	}
	return o, nil
}

// whole is the duration in seconds, for those who know no parts of one.
func (c *crosscheck) whole() string {
	return fmt.Sprint(int((c.duration + time.Second - 1) / time.Second))
}

// on is a part of it, which is left out where there is no such server or client.
func (c *crosscheck) on(name string, part func(*crosscheck)) {
	c.Run(name, func(t *testing.T) {
		own := *c
		own.T = t
		defer func() { c.rows = own.rows }()
		part(&own)
	})
}

// needed are the clients of a part.
func (c *crosscheck) needed(programs ...string) {
	for _, program := range programs {
		needed(c.T, program)
	}
}

// inTurns has both clients drive in turns, in alternating order.
func (c *crosscheck) inTurns(row crossed, ours, theirs func() measure) {
	for i := range c.rounds {
		if i%2 == 0 {
			row.ours = append(row.ours, ours())
		}
		row.theirs = append(row.theirs, theirs())
		if i%2 == 1 {
			row.ours = append(row.ours, ours())
		}
	}
	c.rows = append(c.rows, row)
}

func TestCrosscheck(t *testing.T) {
	c := newCrosscheck(t)
	c.on("nginx", func(c *crosscheck) { c.http("nginx", c.preset("nginx")) })
	c.on("reactor, http", func(c *crosscheck) { c.http("reactor", c.served("reactor", "http")) })
	c.on("redis", func(c *crosscheck) { c.resp("redis", c.preset("redis")) })
	c.on("reactor, resp", func(c *crosscheck) { c.resp("reactor", c.served("reactor", "resp")) })
	c.on("echo, tcp", func(c *crosscheck) { c.echo("tcp") })
	c.on("echo, udp", func(c *crosscheck) { c.echo("udp") })
	fmt.Print("\n", crossTable(c.rows, c.duration, c.rounds), "\n")
}
