package profile

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// tracepoint is what its file format says: its number, and where its fields are in a record.
type tracepoint struct {
	id     uint16
	fields map[string]place
}

type place struct{ offset, size int }

// parseFormat reads the format of a tracepoint, which is to have the given fields.
func parseFormat(text []byte, names ...string) (*tracepoint, error) {
	t := &tracepoint{fields: map[string]place{}}
	known := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if _, err := fmt.Sscanf(line, "ID: %d", &t.id); err == nil {
			known = true
		}
		declared, rest, _ := strings.Cut(strings.TrimPrefix(line, "field:"), ";")
		var p place
		if _, err := fmt.Sscanf(strings.TrimSpace(rest), "offset:%d; size:%d;", &p.offset, &p.size); err != nil {
			continue
		}
		words := strings.Fields(declared)
		if len(words) > 0 && p.offset >= 0 && (p.size == 1 || p.size == 2 || p.size == 4 || p.size == 8) {
			t.fields[words[len(words)-1]] = p
		}
	}
	if !known {
		return nil, fmt.Errorf("format of a tracepoint: no ID")
	}
	for _, name := range names {
		if _, ok := t.fields[name]; !ok {
			return nil, fmt.Errorf("format of tracepoint %d: no field %s of 1, 2, 4 or 8 bytes", t.id, name)
		}
	}
	return t, nil
}

// of is the field's value in a record, as a signed number; 0 where the record is too short.
func (p place) of(raw []byte) int64 {
	if p.offset > len(raw)-p.size {
		return 0
	}
	switch at := raw[p.offset:]; p.size {
	case 1:
		return int64(int8(at[0]))
	case 2:
		return int64(int16(binary.NativeEndian.Uint16(at)))
	case 4:
		return int64(int32(binary.NativeEndian.Uint32(at)))
	case 8:
		return int64(binary.NativeEndian.Uint64(at))
	}
	return 0
}
