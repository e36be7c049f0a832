package profile

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// rawRecord is a record of a ring.
func rawRecord(kind uint32, body []byte) []byte {
	b := binary.NativeEndian.AppendUint32(nil, kind)
	b = binary.NativeEndian.AppendUint16(b, 0)
	b = binary.NativeEndian.AppendUint16(b, uint16(headerBytes+len(body)))
	return append(b, body...)
}

// Records that go over the ring's end come in one piece, and what is no record ends them.
func TestRecords(t *testing.T) {
	t.Parallel()
	const size = 64
	one, two := rawRecord(9, []byte("12345678")), rawRecord(3, []byte("abcdefghABCDEFGH"))
	short, long := rawRecord(1, nil), rawRecord(1, make([]byte, 8))
	short[6], long[6] = 4, 200
	for _, tt := range []struct {
		name string
		tail uint64
		ring []byte // from the tail on
		want string
	}{
		{"none", 8, nil, ""},
		{"two", 0, append(one, two...), "9 12345678, 3 abcdefghABCDEFGH, "},
		{"over the end", 1000 * size, append(one, two...), "9 12345678, 3 abcdefghABCDEFGH, "},
		{"over the end of the second", 1000*size + 40, append(one, two...), "9 12345678, 3 abcdefghABCDEFGH, "},
		{"its header ends the ring", 48, append(one, two...), "9 12345678, 3 abcdefghABCDEFGH, "},
		{"too short", 0, append(one, short...), "9 12345678, "},
		{"longer than there is", 0, append(one, long...), "9 12345678, "},
		{"half a header", 0, append(one, 9, 0, 0, 0), "9 12345678, "},
	} {
		ring := make([]byte, size)
		for i, c := range tt.ring {
			ring[(int(tt.tail)+i)%size] = c
		}
		var got strings.Builder
		eachRecord(ring, tt.tail, tt.tail+uint64(len(tt.ring)), func(kind uint32, body []byte) {
			got.WriteString(string('0'+rune(kind)) + " " + string(body) + ", ")
		})
		if got.String() != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got.String(), tt.want)
		}
	}
}

func FuzzRecords(f *testing.F) {
	f.Add(rawRecord(9, make([]byte, 40)), uint64(0), uint64(48))
	f.Add(rawRecord(9, make([]byte, 24)), uint64(16), uint64(48))
	f.Fuzz(func(t *testing.T, ring []byte, tail, head uint64) {
		if len(ring) == 0 || len(ring)&(len(ring)-1) != 0 {
			return
		}
		taken := 0
		eachRecord(ring, tail, head, func(_ uint32, body []byte) {
			taken += headerBytes + len(body)
			s := parseSample(body)
			if 8*(len(s.kernel)+len(s.user)) > len(body) {
				t.Errorf("%d bytes have %d addresses", len(body), len(s.kernel)+len(s.user))
			}
		})
		if taken > len(ring) {
			t.Errorf("%d bytes of records in a ring of %d", taken, len(ring))
		}
	})
}

func TestSample(t *testing.T) {
	t.Parallel()
	body := binary.NativeEndian.AppendUint32(nil, 12)
	body = binary.NativeEndian.AppendUint32(body, 13)
	for _, n := range []uint64{9, inKernel, 0xffffffff81000010, 0xffffffff81000020, inUser, 0x400010, 0x400020, 1<<64 - 2048, 7} {
		body = binary.NativeEndian.AppendUint64(body, n) // the last are a guest's; one more is announced than there is
	}
	want := sampled{12, 13, []uint64{0xffffffff81000010, 0xffffffff81000020}, []uint64{0x400010, 0x400020}}
	if diff := cmp.Diff(want, parseSample(body), cmp.AllowUnexported(sampled{})); diff != "" {
		t.Error(diff)
	}
}

const exitFormat = `name: sys_exit
ID: 442
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:char comm[16];	offset:24;	size:16;	signed:0;
	field:long id;	offset:8;	size:8;	signed:1;
	field:long ret;	offset:16;	size:8;	signed:1;

print fmt: "NR %ld = %ld", REC->id, REC->ret
`

func TestFormat(t *testing.T) {
	t.Parallel()
	got, err := parseFormat([]byte(exitFormat), "id", "ret")
	want := &tracepoint{442, map[string]place{"common_type": {0, 2}, "common_flags": {2, 1}, "common_pid": {4, 4}, "id": {8, 8}, "ret": {16, 8}}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(tracepoint{}, place{})); err != nil || diff != "" {
		t.Error(err, diff)
	}
	raw := []byte{0: 1, 2: 0xff, 8: 2, 16: 3, 23: 0}
	for name, want := range map[string]int64{"common_type": 1, "common_flags": -1, "id": 2, "ret": 3} {
		if n := got.fields[name].of(raw); n != want {
			t.Errorf("%s: %d, want %d", name, n, want)
		}
	}
	if n := got.fields["ret"].of(raw[:20]); n != 0 {
		t.Errorf("of a short record: %d", n)
	}
	for text, says := range map[string]string{
		exitFormat: "no field comm of 1",
		strings.ReplaceAll(exitFormat, "ID: 442", "ID: 70000"):  "no ID",
		strings.ReplaceAll(exitFormat, "ID: 442", "ID: many"):   "no ID",
		strings.ReplaceAll(exitFormat, "offset:8;", "offset:x"): "no field id of 1",
		strings.ReplaceAll(exitFormat, "offset:8", "offset:-8"): "no field id of 1",
		"": "no ID",
	} {
		if got, err := parseFormat([]byte(text), "id", "comm"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, %v, want %q", got, err, says)
		}
	}
}

func FuzzFormat(f *testing.F) {
	f.Add([]byte(exitFormat), make([]byte, 24))
	f.Add([]byte("ID: 1\nfield:int id;\toffset:9223372036854775807;\tsize:8;"), []byte{})
	f.Fuzz(func(t *testing.T, text, raw []byte) {
		p, err := parseFormat(text, "id")
		if err == nil {
			p.fields["id"].of(raw)
		}
	})
}

func TestKallsyms(t *testing.T) {
	t.Parallel()
	s := parseKallsyms(strings.NewReader(`ffffffff81000100 T tcp_ack
ffffffff81000000 T _stext
ffffffff81000000 t _text
ffffffff810000f0 t __pfx_tcp_ack
ffffffff81000180 D jiffies
ffffffffc0000000 t veth_xmit	[veth]
torn
`))
	for address, want := range map[uint64]string{
		0xffffffff80ffffff: "", 0xffffffff81000000: "_stext", 0xffffffff810000ef: "_stext", 0xffffffff810000f0: "tcp_ack",
		0xffffffff81000190: "tcp_ack", 0xffffffffc0000010: "veth_xmit", 0x400000: "",
	} {
		if got := s.at(address); got != want {
			t.Errorf("%x: %q, want %q", address, got, want)
		}
	}
	if s := parseKallsyms(strings.NewReader("0000000000000000 T tcp_ack\n")); len(s) != 0 {
		t.Errorf("hidden addresses make %v", s)
	}
}

// An address between functions that say how long they are is in none.
func TestSymbolsOfALength(t *testing.T) {
	t.Parallel()
	s := sortSymbols([]symbol{{0x30, 0x40, "__b"}, {0x30, 0x40, "b"}, {0x30, 0x40, "_b"}, {0x10, 0x18, "a"}, {0x20, 0x20, "hand-written"}})
	for address, want := range map[uint64]string{0x10: "a", 0x17: "a", 0x18: "", 0x2f: "hand-written", 0x3f: "b", 0x40: ""} {
		if got := s.at(address); got != want {
			t.Errorf("%x: %q, want %q", address, got, want)
		}
	}
}

func FuzzKallsyms(f *testing.F) {
	f.Add([]byte("ffffffff81000100 T tcp_ack\nffffffffffffffff t last\n"), uint64(1<<64-1))
	f.Fuzz(func(t *testing.T, text []byte, address uint64) {
		if name := parseKallsyms(bytes.NewReader(text)).at(address); name != "" && !strings.Contains(string(text), name) {
			t.Errorf("%x is in %q", address, name)
		}
	})
}

func TestFolded(t *testing.T) {
	t.Parallel()
	p := FromFolded(map[string]int64{"main;serve;recv": 3, "main;serve": 2, ";": 4, "idle": 0}, time.Millisecond)
	if err := p.CheckValid(); err != nil {
		t.Fatal(err)
	}
	got := map[string][]int64{}
	for _, s := range p.Sample {
		stack := ""
		for _, l := range s.Location {
			stack += l.Line[0].Function.Name + " "
		}
		got[stack] = s.Value
	}
	want := map[string][]int64{"recv serve main ": {3, 3e6}, "serve main ": {2, 2e6}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(p.Function) != 3 {
		t.Errorf("%d functions, want 3", len(p.Function))
	}
}

func FuzzFolded(f *testing.F) {
	f.Add("main;serve", "main", int64(1))
	f.Fuzz(func(t *testing.T, one, two string, count int64) {
		p := FromFolded(map[string]int64{one: count, two: 1}, time.Millisecond)
		if err := p.CheckValid(); err != nil {
			t.Error(err)
		}
	})
}
