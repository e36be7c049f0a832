package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"connbench/loadgen/sweep"
	"connbench/models/python"
	"connbench/models/wire"
)

// needed finds a program that others wrote, or skips the test; where everything is tested, it must
// be there.
func needed(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	switch {
	case err == nil:
	case os.Getenv("CI") != "":
		t.Fatalf("CI is set and there is no %s", program)
	default:
		t.Skip("no " + program)
	}
	return path
}

// servedRow is a row of ours that serves.
type servedRow struct {
	name, addr string
	clients    int // that it is to have at once
}

func (r *servedRow) port() string { return r.addr[strings.LastIndexByte(r.addr, ':')+1:] }

func (r *servedRow) atOnce() string { return strconv.Itoa(r.clients) }

// serveRows starts each stream row of ours, and each engine, that speaks a protocol and runs here,
// until the test ends.
func serveRows(t *testing.T, path, framing string) []servedRow {
	t.Helper()
	out, err := exec.Command(path, "models", "--json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		Model    string
		Networks []string
		Framings []string
		AtOnce   int `json:"serves_at_once"`
	}
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatal(err)
	}
	rows := make([]servedRow, len(all))
	var starting sync.WaitGroup
	for i, m := range all {
		speaks := len(m.Framings) == 0 || slices.Contains(m.Framings, framing)
		if !speaks || !slices.Contains(m.Networks, "tcp") {
			continue
		}
		const usual = 4
		rows[i] = servedRow{name: m.Model, clients: usual}
		if m.AtOnce > 0 {
			rows[i].clients = min(usual, m.AtOnce)
		}
		start := serveRow
		if strings.HasPrefix(m.Model, "python-") {
			start = servePython
		}
		starting.Go(func() { rows[i].addr = start(t, path, m.Model, framing) })
	}
	starting.Wait()
	rows = slices.DeleteFunc(rows, func(r servedRow) bool { return r.addr == "" })
	if len(rows) < 10 {
		t.Fatalf("%d rows speak %s", len(rows), framing)
	}
	return rows
}

// serveRow starts a row and returns its address, empty where it does not run.
func serveRow(t *testing.T, path, name, framing string) string {
	var said bytes.Buffer
	cmd := exec.Command(path, "serve", name, "--framing", framing)
	cmd.Stderr = &said
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Error(err)
		return ""
	}
	var hello greeting
	lines := json.NewDecoder(stdout)
	if err := lines.Decode(&hello); err != nil {
		if cmd.Wait(); strings.Contains(said.String(), errors.ErrUnsupported.Error()) {
			t.Logf("%s is left out: %s", name, &said)
			return ""
		}
		t.Errorf("%s: %v: %s", name, err, &said)
		return ""
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		io.Copy(io.Discard, stdout)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v: %s", name, err, &said)
		}
	})
	return hello.Addr
}

// servePython starts a row in Python, which serve does not, with as much at / as serve's has.
func servePython(t *testing.T, _, name, framing string) string {
	dir := t.TempDir()
	found, err := python.Find(t.Context())
	if err == nil {
		err = python.Install(dir)
	}
	if err != nil {
		t.Error(err)
		return ""
	}
	rows := python.Rows()
	row := rows[slices.IndexFunc(rows, func(r python.Row) bool { return r.Name == name })]
	server, err := sweep.StartServer(t.Context(), sweep.Row{Name: name, Network: "tcp", Foreign: true, Command: row.Command(
		found.Path, dir, "{addr}", python.Options{Framing: framing, MaxFrame: 1 << 20, Size: strconv.Itoa(atRoot)})}, nil)
	if err != nil {
		t.Error(err)
		return ""
	}
	t.Cleanup(server.Kill)
	return server.Address()
}

// atRoot is how long what serve has at / is, in bytes.
const atRoot = 64

// otherClient is a client that others wrote, and how it asks a row.
type otherClient struct {
	name, program string
	args          func(servedRow) []string
	input         string
	right         func(said string) error // what it says of answers that are right
}

// says is of a client that shows what it is answered.
func says(want string) func(string) error {
	return func(said string) error {
		if said != want {
			return fmt.Errorf("it says %q, want %q", said, want)
		}
		return nil
	}
}

// counts is of a client that counts what it is answered: so many, 0 for any number.
func counts(requests int64, parse func(string) (outcome, error)) func(string) error {
	return func(said string) error {
		o, err := parse(said)
		if err == nil && (o.failed > 0 || o.requests == 0 || requests > 0 && o.requests != requests) {
			err = fmt.Errorf("%d answers and %d failures: %s", o.requests, o.failed, said)
		}
		return err
	}
}

// ask has a client ask each row, all at once: some clients take a second whatever they find.
func (c *otherClient) ask(t *testing.T, rows []servedRow) {
	program := needed(t, c.program)
	var asking sync.WaitGroup
	for _, row := range rows {
		asking.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			var wrong bytes.Buffer
			cmd := exec.CommandContext(ctx, program, c.args(row)...)
			cmd.Stdin, cmd.Stderr = strings.NewReader(c.input), &wrong
			said, err := cmd.Output()
			if err == nil && c.name == "curl, in chunks" && strings.HasPrefix(row.name, "python-") {
				err = says("501 Not Implemented\n|501")(string(said)) // their library knows no chunks
			} else if err == nil {
				err = c.right(string(said))
			}
			if err != nil {
				t.Errorf("%s: %v: %s", row.name, err, &wrong)
			}
		})
	}
	asking.Wait()
}

// httpClient asks as a program in Python does: once with each method, on one connection.
const httpClient = `
import http.client, sys
c = http.client.HTTPConnection(sys.argv[1], timeout=60)
def ask(method, path, body=None, **more):
    c.request(method, path, body, **more)
    sock = c.sock
    r = c.getresponse()
    text = r.read()
    assert c.sock is sock, "the connection was closed"
    return r.status, text
fill = open(0, "rb").read()
assert ask("GET", "/") == (200, fill)
assert ask("HEAD", "/") == (200, b"")
assert ask("POST", "/echo", b"x" * 100000) == (200, b"x" * 100000)
assert ask("GET", "/nowhere")[0] == 404
assert ask("GET", "/?query") == (200, fill)
if "python" not in sys.argv[2]: # whose servers have neither, and say 501
    assert ask("PUT", "/echo", iter([b"in ", b"chunks"]), encode_chunked=True, headers={"Transfer-Encoding": "chunked"}) == (200, b"in chunks")
    assert ask("DELETE", "/")[0] == 405
print("right")
`

func httpClients() []otherClient {
	const requests = 100
	fill := string(wire.AppendFill(nil, atRoot))
	url := func(path string, args ...string) func(servedRow) []string {
		return func(r servedRow) []string { return append(slices.Clone(args), "http://"+r.addr+path) }
	}
	atOnce := func(args ...string) func(servedRow) []string {
		return func(r servedRow) []string { return append(slices.Clone(args), "-c", r.atOnce(), "http://"+r.addr+"/") }
	}
	return []otherClient{
		{"curl", "curl", func(r servedRow) []string {
			return []string{"-sS", "-w", "|%{http_code} %{num_connects}|", "http://" + r.addr + "/", "http://" + r.addr + "/"}
		}, "", says(fill + "|200 1|" + fill + "|200 0|")},
		{"curl, after 100", "curl", url("/echo", "-sS", "-H", "Expect: 100-continue", "--data-binary", "@-", "-w", "|%{http_code}"), "a body", says("a body|200")},
		{"curl, in chunks", "curl", url("/echo", "-sS", "-T", "-", "-w", "|%{http_code}"), "of no length", says("of no length|200")},
		{"curl, 1.0", "curl", url("/", "-sS", "--http1.0", "-w", "|%{http_code}"), "", says(fill + "|200")},
		{"curl, elsewhere", "curl", url("/elsewhere", "-sS", "-o", "/dev/null", "-w", "%{http_code}"), "", says("404")},
		{"ab", "ab", atOnce("-q", "-k", "-n", strconv.Itoa(requests)), "", counts(requests, parseAB)},
		{"ab, a connection each", "ab", atOnce("-q", "-n", strconv.Itoa(requests)), "", counts(requests, parseAB)},
		{"wrk", "wrk", atOnce("-t", "1", "-d", "1s", "--latency"), "", counts(0, parseWrk)},
		{"h2load", "h2load", atOnce("--h1", "-t", "1", "-n", strconv.Itoa(requests)), "", counts(requests, parseH2load)},
		{"Python", "python3", func(r servedRow) []string { return []string{"-c", httpClient, r.addr, r.name} }, fill, says("right\n")},
	}
}

func respClients() []otherClient {
	const requests = 200
	to := func(args ...string) func(servedRow) []string {
		return func(r servedRow) []string { return append([]string{"-h", "127.0.0.1", "-p", r.port()}, args...) }
	}
	var mass strings.Builder
	for i := range requests {
		fmt.Fprintf(&mass, "*3\r\n$3\r\nSET\r\n$4\r\nk%03d\r\n$5\r\nvalue\r\n", i)
	}
	load := func(args ...string) func(servedRow) []string {
		return func(r servedRow) []string {
			return append(to("-c", r.atOnce(), "-n", strconv.Itoa(requests), "-r", "100", "--csv")(r), args...)
		}
	}
	return []otherClient{
		{"redis-cli", "redis-cli", to(), "SET k value\nGET k\nECHO hello\nDEL k\nGET k\nPING\n", says("OK\nvalue\nhello\n1\n\nPONG\n")},
		{"redis-cli, refused", "redis-cli", to("LPUSH", "list", "x"), "", says("ERR unknown command 'LPUSH'\n\n")},
		{"redis-cli, many at once", "redis-cli", to("--pipe"), mass.String(), func(said string) error {
			if want := fmt.Sprintf("errors: 0, replies: %d\n", requests); !strings.HasSuffix(said, want) {
				return fmt.Errorf("it says %q, want %q in the end", said, want)
			}
			return nil
		}},
		{"redis-benchmark", "redis-benchmark", load("-t", "ping_mbulk,set,get"), "", benchmarks("PING_MBULK", "SET", "GET")},
		{"redis-benchmark, 16 at once", "redis-benchmark", load("-t", "ping_inline,set,get", "-P", "16"), "", benchmarks("PING_INLINE", "SET", "GET")},
	}
}

func memcacheClients(t *testing.T) []otherClient {
	file := filepath.Join(t.TempDir(), "k")
	if err := os.WriteFile(file, []byte("a value"), 0o600); err != nil {
		t.Fatal(err)
	}
	// Each of memccapable's tests ends with 1 where an answer is not as it is to be.
	const capable = `for t in version quit set 'set noreply' get gets mget delete 'delete noreply'; do memccapable -h 127.0.0.1 -p "$0" -T "ascii $t" 2>&1 || exit; done`
	passed := func(said string) error {
		if n := strings.Count(said, "[pass]"); n != 9 {
			return fmt.Errorf("%d of 9 pass: %s", n, said)
		}
		return nil
	}
	return []otherClient{
		{"memccp", "memccp", func(r servedRow) []string { return []string{"--servers=" + r.addr, file} }, "", says("")},
		{"memccapable", "sh", func(r servedRow) []string { return []string{"-c", capable, r.port()} }, "", passed},
	}
}

// benchmarks is of redis-benchmark, which ends where an answer is an error.
func benchmarks(names ...string) func(string) error {
	return func(said string) error {
		all, err := parseRedisBenchmark(said)
		for _, name := range names {
			if err == nil && all[name].rps <= 0 {
				err = fmt.Errorf("nothing of %s: %s", name, said)
			}
		}
		return err
	}
}

// What is served as HTTP, or as the protocol of Redis or memcached, is that to those who wrote other clients of it.
func TestOthersAsk(t *testing.T) {
	path := withEngines(t)
	for framing, clients := range map[string][]otherClient{"http": httpClients(), "resp": respClients(), "memcache": memcacheClients(t)} {
		t.Run(framing, func(t *testing.T) {
			rows := serveRows(t, path, framing)
			for _, c := range clients {
				t.Run(c.name, func(t *testing.T) { c.ask(t, rows) })
			}
		})
	}
}
