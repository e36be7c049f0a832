package engines

import (
	"strings"
	"sync"

	"connbench/models/wire"

	"github.com/tidwall/redcon"
)

// answer answers a command as package wire's codec does, and has that answer what is rare. An
// error ends the connection.
func (s *redconServer) answer(conn redcon.Conn, c *redconConn, cmd redcon.Command) error {
	args := cmd.Args
	switch name, n := strings.ToUpper(string(args[0])), len(args); {
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
	case name == "GET" && n == 2:
		return s.get(conn, c, args[1])
	case name == "DEL" && n == 2:
		conn.WriteInt(s.values.remove(args[1]))
	default:
		left := wire.Budget(s.cfg.MaxFrame)
		reply, err := s.cfg.Codec().Reply(nil, cmd.Raw, &left)
		conn.WriteRaw(reply)
		return err
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

type redconValues struct {
	mu   sync.RWMutex
	all  map[string][]byte
	held int // bytes, of keys and values
}

const mostHeld = 256 << 20

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
