package claims

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"connbench/loadgen/sweep"
	"connbench/models/wire"
	"connbench/results"
)

// TestMain lets the test binary be a server that says how a link treats what it is sent.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "--addr" {
		echoOne(os.Args[2])
		return
	}
	if len(os.Args) > 2 && os.Args[1] == "ask" {
		askOne(os.Args[2])
		return
	}
	os.Exit(m.Run())
}

// echoOne says where it listens, and answers one client at a time.
func echoOne(address string) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		panic(err)
	}
	os.Stdout.WriteString(`{"addr":"` + l.Addr().String() + `"}` + "\n")
	for {
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		if payload, err := wire.ReadFrame(c, 100); err == nil {
			c.Write(wire.AppendFrame(nil, payload))
		}
		c.Close()
	}
}

// askOne asks once, and fails where there is no answer.
func askOne(address string) {
	c, err := dial("tcp", address)
	if err == nil {
		err = ask(c, 64)
	}
	if err != nil {
		panic(err)
	}
}

// A server in one namespace answers a client in the other, over each queue, and nothing is left.
func TestNetwork(t *testing.T) {
	for name, queue := range map[string][]string{"one link": oneLink, "two links": twoLinks} {
		t.Run(name, func(t *testing.T) {
			n, err := openNetwork(t.Context(), queue)
			if err != nil {
				t.Skip(err) // it takes privileges, and queues that not every kernel has
			}
			defer n.close()
			row, err := n.serves(sweep.Row{Name: "one", Network: "tcp", Command: []string{os.Args[0], "--addr", "127.0.0.1:0"}})
			if err != nil {
				t.Fatal(err)
			}
			server, err := sweep.StartServer(t.Context(), row, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer server.Kill()
			if !strings.HasPrefix(server.Address(), serverAddress+":") {
				t.Errorf("it listens on %s", server.Address())
			}
			client := append(within(n.clients, ""), os.Args[0], "ask", server.Address())
			if out, err := exec.Command(client[0], client[1:]...).CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
			if c, err := net.DialTimeout("tcp", server.Address(), starved/10); err == nil {
				c.Close()
				t.Error("it can be reached from outside")
			}
			n.close()
			if err := n.clients.Signal(os.Interrupt); !errors.Is(err, os.ErrProcessDone) {
				t.Errorf("who holds a namespace lives on: %v", err)
			}
		})
	}
}

// What cannot be made is said in a line, and nothing of it is left.
func TestNetworkRefused(t *testing.T) {
	n, err := openNetwork(t.Context(), []string{"qdisc add dev path0 root none-such"})
	if err == nil || !strings.HasPrefix(err.Error(), "make a network of two namespaces: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
	if n.clients != nil && !errors.Is(n.clients.Signal(os.Interrupt), os.ErrProcessDone) {
		t.Error("who holds a namespace lives on")
	}
	if row, err := n.serves(sweep.Row{Name: "x", Command: []string{"x"}}); err == nil || !slices.Equal(row.Command, []string{"x"}) {
		t.Errorf("%v, %v", row, err)
	}
}

// The rows across a network have names that a folder can be read with again.
func TestAcrossNames(t *testing.T) {
	for _, name := range []string{acrossUDP + overOne, acrossTCP + overOne, acrossUDP + overTwo, acrossTCP + overTwo} {
		if err := results.Check(&results.Trial{Model: name}); err != nil {
			t.Error(err)
		}
	}
	if results.Check(&results.Trial{Model: "over one link"}) == nil {
		t.Error("a name with spaces is taken")
	}
}
