package engines

import (
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"connbench/models"
	"connbench/models/wire"
)

// redcon's server answers commands as package wire's codec does.
func TestRedconAnswersAsWireDoes(t *testing.T) {
	commands := []string{
		"PING", "ping hi", "PING a b", "Echo hello", "ECHO", "GET k", "SET k value", "GET k", "SET k", "SET k v NX", "SET k v", "GET k", "DEL k", "DEL k", "DEL",
		"GET", "COMMAND DOCS", "CLIENT SETINFO LIB-NAME x", "SELECT 0", "CONFIG GET save", "HELLO", "HELLO 2", "HELLO 3", "FLY high", "a\x01b\x80", "QUIT",
	}
	s, _ := started(t, Redcon, func(c *models.Config) { c.Framing = models.RESP })
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	codec, left := wire.Open(wire.RESPCodec, wire.Options{MaxPayload: 1 << 20}), wire.Budget(1<<20)
	for _, text := range commands {
		var request []byte
		for _, word := range strings.Fields(text) {
			request = append(request, "$"+strconv.Itoa(len(word))+"\r\n"+word+"\r\n"...)
		}
		request = append([]byte("*"+strconv.Itoa(len(strings.Fields(text)))+"\r\n"), request...)
		want, _ := codec.Reply(nil, request, &left)
		if _, err := c.Write(request); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(want))
		if n, err := io.ReadFull(c, got); err != nil || string(got) != string(want) {
			t.Fatalf("%s: got %q, %v, want %q", text, got[:n], err, want)
		}
	}
	if n, err := c.Read(make([]byte, 1)); n > 0 || err != io.EOF {
		t.Errorf("after QUIT %d bytes, %v", n, err)
	}
}
