package engines

import (
	"strings"
	"sync"

	"connbench/models/wire"

	"github.com/tidwall/redcon"
)

// answer answers a command as package wire's codec does. An error ends the connection.
func (s *redconServer) answer(conn redcon.Conn, c *redconConn, args [][]byte) error {
	n, name := len(args), strings.ToUpper(string(args[0]))
	switch {
	case name == "PING" && n == 1:
		conn.WriteString("PONG")
	case name == "PING" && n == 2, name == "ECHO" && n == 2:
		conn.WriteBulk(args[1])
	case name == "SET" && n == 3:
		if !s.values.set(args[1], args[2]) {
			conn.WriteError("OOM command not allowed when used memory > 'maxmemory'.")
			return nil
		}
		conn.WriteString("OK")
	case name == "SET" && n > 3:
		conn.WriteError("ERR syntax error")
	case name == "GET" && n == 2:
		return s.get(conn, c, args[1])
	case name == "DEL" && n == 2:
		conn.WriteInt(s.values.remove(args[1]))
	case name == "PING", name == "ECHO", name == "SET", name == "GET", name == "DEL":
		conn.WriteError("ERR wrong number of arguments for '" + strings.ToLower(name) + "' command")
	default:
		return greet(conn, name, args)
	}
	return nil
}

// get answers with a value, unless what has come together asks for more than the maximum.
func (s *redconServer) get(conn redcon.Conn, c *redconConn, key []byte) error {
	value, there := s.values.get(key)
	if !there {
		conn.WriteNull()
		return nil
	}
	if c.asked += len(value); c.asked > s.cfg.MaxFrame {
		conn.WriteError("ERR replies to what has come together are longer than the maximum")
		return wire.ErrTooLong
	}
	conn.WriteBulk(value)
	return nil
}

// greet answers what usual clients begin and end with.
func greet(conn redcon.Conn, name string, args [][]byte) error {
	switch name {
	case "COMMAND":
		conn.WriteArray(0)
	case "SELECT", "CLIENT":
		conn.WriteString("OK")
	case "CONFIG":
		conn.WriteArray(2)
		conn.WriteBulk(args[len(args)-1])
		conn.WriteBulkString("")
	case "HELLO":
		if len(args) > 1 && string(args[1]) != "2" {
			conn.WriteError("NOPROTO unsupported protocol version")
			return nil
		}
		conn.WriteArray(6)
		for _, text := range []string{"server", "connbench", "proto"} {
			conn.WriteBulkString(text)
		}
		conn.WriteInt(2)
		conn.WriteBulkString("mode")
		conn.WriteBulkString("standalone")
	case "QUIT":
		conn.WriteString("OK")
		return wire.ErrClose
	default:
		conn.WriteError("ERR unknown command '" + printable(args[0]) + "'")
	}
	return nil
}

// printable is the beginning of a text in which nothing ends a line.
func printable(b []byte) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f {
			return ' '
		}
		return r
	}, string(b[:min(len(b), 128)]))
}

// redconValues are what SET has set.
type redconValues struct {
	mu   sync.RWMutex
	all  map[string][]byte
	held int // bytes, of keys and values
}

// mostHeld bounds that.
const mostHeld = 256 << 20

func newRedconValues() redconValues { return redconValues{all: map[string][]byte{}} }

// set reports whether there was room. The value is the command's own copy.
func (v *redconValues) set(key, value []byte) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	old, there := v.all[string(key)]
	more := len(value) - len(old)
	if !there {
		more += len(key)
	}
	if v.held+more > mostHeld {
		return false
	}
	v.held += more
	v.all[string(key)] = value
	return true
}

func (v *redconValues) get(key []byte) (value []byte, there bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	value, there = v.all[string(key)]
	return value, there
}

// remove is how many there were.
func (v *redconValues) remove(key []byte) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	value, there := v.all[string(key)]
	if !there {
		return 0
	}
	v.held -= len(key) + len(value)
	delete(v.all, string(key))
	return 1
}
