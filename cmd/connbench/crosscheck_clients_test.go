//go:build crosscheck && linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"connbench/loadgen/sweep"
)

// http is wrk and h2load on a server of HTTP.
func (c *crosscheck) http(name string, server *sweep.Server) {
	c.needed("wrk", "h2load")
	url, clients := "http://"+server.Address()+"/", strconv.Itoa(crossClients)
	threads := strconv.Itoa(max(1, len(c.placed.Client)))
	ours := func() measure {
		return c.load(server, server.Address(), "--framing", "http", "--clients", clients, "--response-size", fmt.Sprint(crossPayload))
	}
	c.inTurns(crossed{other: "wrk", server: name}, ours, func() measure {
		return c.drive(server, parseWrk, "wrk", "-t", threads, "-c", clients, "-d", c.whole()+"s", "--latency", url)
	})
	h2load := []string{"h2load", "--h1", "-t", threads, "-c", clients, "-D", c.whole()}
	c.inTurns(crossed{other: "h2load", server: name}, ours, func() measure {
		m := c.drive(server, parseH2load, append(slices.Clone(h2load), url)...)
		// Its log costs it time, and is of a load of its own.
		log := filepath.Join(c.dir, "h2load.log")
		c.drive(server, parseH2load, append(slices.Clone(h2load), "--log-file", log, url)...)
		text, err := os.ReadFile(log)
		if err == nil {
			m.p50, m.p99, err = parseH2loadLog(string(text))
		}
		if err != nil {
			c.Fatal(err)
		}
		os.Remove(log)
		return m
	})
}

// resp is redis-benchmark on a server of Redis's protocol, a request at a time and several. It
// sends several together and waits for all of their answers, ours a further one for each answer.
func (c *crosscheck) resp(name string, server *sweep.Server) {
	c.needed("redis-benchmark")
	host, port, _ := strings.Cut(server.Address(), ":")
	clients := strconv.Itoa(crossClients)
	for _, batch := range []int{1, crossBatch} {
		last := 0.0 // of ours, by which theirs knows how many requests take the duration
		ours := func() measure {
			m := c.load(server, server.Address(), "--framing", "resp", "--command", "SET key:{n} {payload}", "--keys", fmt.Sprint(crossKeys),
				"--clients", clients, "--payload", fmt.Sprint(crossPayload), "--pipeline", fmt.Sprint(batch))
			last = m.rps
			return m
		}
		row := crossed{other: "redis-benchmark", server: name}
		if batch > 1 {
			row.other += fmt.Sprintf(" -P %d", batch)
		}
		c.inTurns(row, ours, func() measure {
			n := int64(last*c.duration.Seconds()) + crossClients*crossBatch
			parse := func(said string) (outcome, error) {
				all, err := parseRedisBenchmark(said)
				o := all["SET"]
				if o.rps > 0 {
					o.requests = n // it ends where an answer is an error
				}
				return o, err
			}
			return c.drive(server, parse, "redis-benchmark", "-h", host, "-p", port, "-t", "set", "-c", clients, "-P", fmt.Sprint(batch),
				"-d", fmt.Sprint(crossPayload), "-r", fmt.Sprint(crossKeys), "-n", fmt.Sprint(n), "--csv")
		})
	}
}

// echo is sockperf's ping-pong, and one client of ours, on an echo server that answers both.
func (c *crosscheck) echo(network string) {
	c.needed("sockperf")
	server := c.echoServer(network)
	host, port, _ := strings.Cut(server.Address(), ":")
	theirs := []string{"sockperf", "ping-pong", "-i", host, "-p", port, "-t", c.whole(), "-m", fmt.Sprint(crossPayload), "--full-rtt"}
	ours := []string{"--network", network, "--clients", "1", "--payload", fmt.Sprint(crossPayload)}
	if network == "tcp" {
		theirs, ours = append(theirs, "--tcp"), append(ours, "--framing", "raw")
	}
	c.inTurns(crossed{other: "sockperf", server: "echo, " + network},
		func() measure { return c.load(server, server.Address(), ours...) },
		func() measure { return c.drive(server, parseSockperf, theirs...) })
}
