package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strconv"
	"sync/atomic"
)

// memcache is the text protocol of memcached as far as usual clients need it: get and gets of one
// key or several, set, delete, version and quit. A value has its client's flags, and for gets a
// number that no other has. Times of expiry are read and not heeded: what is set stays.
//
// A command that nobody here knows is answered with ERROR, with the value that it brings if it is
// one of memcached's that bring one, and a command that is wrong with CLIENT_ERROR. Where it is left
// open how long a value is, that ends the connection: what follows could not be told from commands.
type memcache struct {
	max   int // of a value
	store store
	sets  atomic.Uint64
}

const (
	mostKey      = 250      // as in memcached
	mostLine     = 64 << 10 // of a command, which may be a get of many keys
	mostSwallows = 1 << 30  // of a value that is too long
	// valueHead is what a value has before its bytes: the flags and its number.
	valueHead = 4 + 8
)

func openMemcache(o Options) Codec {
	m := &memcache{max: o.MaxPayload}
	m.store.open()
	return m
}

var (
	badSet    = &refusal{badFormat, ErrMalformed}
	badChunk  = &refusal{"CLIENT_ERROR bad data chunk", ErrMalformed}
	longLine  = &refusal{"CLIENT_ERROR line too long", ErrTooLong}
	longValue = &refusal{largeObject, ErrTooLong}
	longReply = &refusal{"SERVER_ERROR replies to what has come together are longer than the maximum", ErrTooLong}
)

const (
	badFormat   = "CLIENT_ERROR bad command line format"
	largeObject = "SERVER_ERROR object too large for cache"
	noMemory    = "SERVER_ERROR out of memory storing object"
)

// Next has in p.at what it has looked through for the end of the line, and, when it knows that a
// value follows, in p.body where that ends. Up to twice the longest value is read to be refused.
func (m *memcache) Next(b []byte, p *Progress) (int, error) {
	p.Made = true
	if p.body == 0 {
		i := bytes.IndexByte(b[p.at:], '\n')
		end := int(p.at) + i
		if i < 0 {
			end = len(b)
		}
		switch {
		case end > mostLine:
			return 0, longLine
		case i < 0:
			p.at = int32(end)
			return end + lineStep, nil
		}
		command, rest := word(withoutReturn(b[:end]))
		if !stores(command) {
			return end + 1, nil
		}
		s, err := parseSetting(command, rest)
		switch {
		case err != nil:
			return 0, err
		case s.size > min(2*m.max, mostSwallows):
			return 0, longValue
		}
		p.body = int32(end + 1 + s.size + len(lineEnd))
	}
	end := int(p.body)
	if end <= len(b) && string(b[end-len(lineEnd):end]) != lineEnd {
		return 0, badChunk
	}
	return end, nil
}

const lineEnd = "\r\n"

// withoutReturn is a line without its end, of which the newline alone is enough, as in memcached.
func withoutReturn(b []byte) []byte { return bytes.TrimSuffix(b, []byte{'\r'}) }

func word(line []byte) (first, rest []byte) {
	first, rest, _ = bytes.Cut(bytes.TrimLeft(line, " "), space)
	return first, rest
}

func stores(command []byte) bool {
	switch string(command) {
	case "set", "add", "replace", "append", "prepend", "cas":
		return true
	}
	return false
}

// setting is what the line of a command that brings a value says behind its name.
type setting struct {
	key   []byte
	flags uint32
	size  int // of the value, in bytes
	quiet bool
}

func parseSetting(command, rest []byte) (s setting, err error) {
	var flags, expiry, size []byte
	s.key, rest = word(rest)
	flags, rest = word(rest)
	expiry, rest = word(rest)
	size, rest = word(rest)
	if string(command) == "cas" {
		_, rest = word(rest) // the number of the value to take the place of
	}
	number, isFlags := decimal(flags)
	_, isTime := decimal(bytes.TrimPrefix(expiry, []byte{'-'}))
	var isSize, isEnd bool
	s.size, isSize = decimal(size)
	s.flags = uint32(number)
	s.quiet, isEnd = quiet(rest)
	if !isFlags || number > 1<<32-1 || !isTime || !isSize || !isEnd {
		return s, badSet
	}
	return s, nil
}

// quiet reports whether the rest of a line asks for no answer, and whether it says nothing else.
func quiet(rest []byte) (is, alone bool) {
	last, rest := word(rest)
	more, _ := word(rest)
	is = string(last) == "noreply"
	return is, (is || len(last) == 0) && len(more) == 0
}

// isKey reports whether a word can be a key: it has no controls.
func isKey(word []byte) bool {
	for _, c := range word {
		if c <= ' ' || c == 0x7f {
			return false
		}
	}
	return len(word) > 0 && len(word) <= mostKey
}

func (m *memcache) Reply(dst, request []byte, left *Budget) ([]byte, error) {
	end := bytes.IndexByte(request, '\n')
	command, rest := word(withoutReturn(request[:end]))
	more, _ := word(rest)
	alone := len(more) == 0
	switch string(command) {
	case "get":
		return m.get(dst, rest, false, left)
	case "gets":
		return m.get(dst, rest, true, left)
	case "set":
		return m.set(dst, rest, request[end+1:])
	case "delete":
		return m.remove(dst, rest), nil
	case "version":
		if alone {
			return appendLine(dst, "VERSION 1.0.0-connbench"), nil // some clients want three numbers, and the first above 0
		}
	case "quit":
		if alone {
			return dst, ErrClose
		}
	}
	return appendLine(dst, "ERROR"), nil
}

func appendLine(dst []byte, text string) []byte { return append(append(dst, text...), lineEnd...) }

// get appends the values of all keys that have one, in the order of the keys.
func (m *memcache) get(dst, keys []byte, numbered bool, left *Budget) ([]byte, error) {
	before := len(dst)
	key, rest := word(keys)
	if len(key) == 0 {
		return appendLine(dst, "ERROR"), nil // as memcached does
	}
	for ; len(key) > 0; key, rest = word(rest) {
		if !isKey(key) {
			return appendLine(dst[:before], badFormat), nil
		}
		var err error
		if dst, err = m.appendValue(dst, key, numbered, left); err != nil {
			return dst[:before], err
		}
	}
	return appendLine(dst, "END"), nil
}

func (m *memcache) appendValue(dst, key []byte, numbered bool, left *Budget) ([]byte, error) {
	h := m.store.shard(key)
	h.RLock()
	defer h.RUnlock()
	v := h.values[string(key)]
	if v == nil {
		return dst, nil
	}
	head, text := v.bytes[:valueHead], v.bytes[valueHead:]
	if left.take(len(text)) != nil {
		return dst, longReply
	}
	dst = append(append(dst, "VALUE "...), key...)
	dst = strconv.AppendUint(append(dst, ' '), uint64(binary.LittleEndian.Uint32(head)), 10)
	dst = strconv.AppendInt(append(dst, ' '), int64(len(text)), 10)
	if numbered {
		dst = strconv.AppendUint(append(dst, ' '), binary.LittleEndian.Uint64(head[4:]), 10)
	}
	dst = append(append(dst, lineEnd...), text...)
	return append(dst, lineEnd...), nil
}

// set stores a value, which is followed by the end of its line. What cannot be stored leaves no
// older value behind, as in memcached.
func (m *memcache) set(dst, rest, text []byte) ([]byte, error) {
	s, err := parseSetting(nil, rest)
	if err != nil {
		return dst, err
	}
	var head [valueHead]byte
	binary.LittleEndian.PutUint32(head[:], s.flags)
	binary.LittleEndian.PutUint64(head[4:], m.sets.Add(1))
	said := "STORED"
	switch {
	case !isKey(s.key):
		said = badFormat
	case s.size > m.max:
		m.store.remove(s.key)
		said = largeObject
	case !m.store.set(s.key, head[:], text[:s.size]):
		m.store.remove(s.key)
		said = noMemory
	}
	if s.quiet {
		return dst, nil
	}
	return appendLine(dst, said), nil
}

func (m *memcache) remove(dst, rest []byte) []byte {
	key, rest := word(rest)
	noReply, alone := quiet(rest)
	said := "NOT_FOUND"
	switch {
	case !isKey(key) || !alone:
		said = badFormat
	case m.store.remove(key) > 0:
		said = "DELETED"
	}
	if noReply && alone {
		return dst
	}
	return appendLine(dst, said)
}

func (m *memcache) Notice(dst []byte, why error) []byte {
	var refused *refusal
	if errors.As(why, &refused) {
		dst = appendLine(dst, refused.text)
	}
	return dst
}
