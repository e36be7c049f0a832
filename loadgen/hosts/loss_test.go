package hosts

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"connbench/loadgen/process"
)

// A line that is lost on the way is noticed, whichever way that was, and the last one too.
func TestLostLine(t *testing.T) {
	c := open(t)
	join(t, c, "a")
	h := claimAll(t, c, "a")[0]
	t.Run("to the process", func(t *testing.T) {
		p := started(t, h, "echo")
		out := &p.(*remote).out
		out.mu.Lock()
		out.next++ // as if it had been sent
		out.mu.Unlock()
		p.Tell(word{Number: 1})
		lostWith(t, p, "a", "not all lines came through: line 2 came behind line 0")
	})
	t.Run("the last one to the process", func(t *testing.T) {
		p := started(t, h, "echo")
		p.(*remote).out.sent.Add(1)
		lostWith(t, p, "a", "not all lines came through: 1 lines were sent and 0 came")
	})
	t.Run("from the process", func(t *testing.T) {
		p := started(t, h, "echo")
		in := p.(*remote).in
		in.mu.Lock()
		in.came++ // what comes next is not what is due
		in.mu.Unlock()
		p.Tell(word{Number: 1})
		lostWith(t, p, "a", "not all lines came through: line 1 came behind line 1")
	})
	t.Run("the last one from the process", func(t *testing.T) {
		p := started(t, h, "echo").(*remote)
		p.Tell(word{Number: 1})
		var w word
		if err := p.Hear(&w); err != nil {
			t.Fatal(err)
		}
		p.in.mu.Lock()
		p.in.came--
		p.in.mu.Unlock()
		lostWith(t, p, "a", "not all lines came through: 1 lines were sent and 0 came")
	})
	t.Run("an object that is not there", func(t *testing.T) {
		p := started(t, h, "echo").(*remote)
		p.out.last(frame{Object: &object{Name: "none", Size: 1}})
		lostWith(t, p, "a", "not all lines came through: a line of 1 bytes: ")
	})
	t.Run("an object that is another", func(t *testing.T) {
		p := started(t, h, "echo").(*remote)
		stored, err := c.objects.put(t.Context(), bucketOf("a"), "some", strings.NewReader(`{"number":1}`))
		if err != nil {
			t.Fatal(err)
		}
		stored.Digest = "SHA-256=" + strings.Repeat("0", 44)
		p.out.last(frame{Object: stored})
		lostWith(t, p, "a", "the digest differs")
	})
	eventually(t, "all have ended", func() bool { return len(h.running()) == 0 })
	running(t, h) // the host is not lost by that
}

// What nobody reads does not fill the memory.
func TestInboundIsBounded(t *testing.T) {
	in := newInbound()
	var err error
	n := 0
	for ; err == nil && n <= mostWaiting; n++ {
		err = in.put(frame{Sequence: uint64(n + 1), Line: []byte("1")})
	}
	if err == nil || n != mostWaiting+1 {
		t.Errorf("%d lines: %v", n, err)
	}
	in = newInbound()
	line := make([]byte, inlineLine)
	for n = 0; n*inlineLine <= mostWaitingBytes; n++ {
		if err = in.put(frame{Sequence: uint64(n + 1), Line: line}); err != nil {
			break
		}
	}
	if err == nil || !strings.Contains(err.Error(), "nobody reads them") {
		t.Errorf("%d lines: %v", n, err)
	}
	why := errors.New("why")
	in.end(why)
	in.end(errors.New("another reason"))
	for range n {
		if _, err := in.take(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := in.take(); err != why {
		t.Error(err)
	}
}

// What an agent's key may send, whatever it is, neither ends a controller nor an agent.
func TestHostileMessages(t *testing.T) {
	c := open(t)
	join(t, c, "a")
	join(t, c, "b")
	hosts := claimAll(t, c, "a", "b")
	p := started(t, hosts[1], "echo")
	conn, _ := visit(t, c.url(), readKey(t, c.keys.keyOf("")), agentsInbox("x"))
	garbage := []string{
		"", "{", "null", "[]", `"x"`, "{}", "{}{}", `{"frame":null}`, `{"unknown":1}`, `{"beat":{"said":{"1":-1}}}`, `{"beat":{"said":{"x":1}}}`,
		`{"frame":{"process":1}}`, `{"frame":{"process":-1,"sequence":18446744073709551615}}`, `{"frame":{"process":1,"sequence":1,"end":{}}}`,
		`{"frame":{"process":1e99}}`, `{"lease":">"}`, `{"lease":"` + strings.Repeat("x", largestMessage) + `"}`, "\xff\xfe", strings.Repeat("[", 10000),
		`{"gone":"` + strings.Repeat(`\u001b`, 100) + `"}`,
	}
	for _, text := range garbage {
		conn.Publish(fromAgent("a", hosts[0].lease), []byte(text))
		for _, what := range []string{askClaim, askInfo, askProgram, askRelease, askStart, tellFrame, tellRenew, "more"} {
			c.conn.Publish(toAgent("b", what), []byte(text))
		}
		c.conn.Publish(clockOf("b"), []byte(text))
		conn.Publish(nameOf("b"), []byte(text))
	}
	if err := errors.Join(conn.FlushTimeout(patience), c.conn.FlushTimeout(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := hosts[0].Start(t.Context(), "echo"); !errors.Is(err, process.ErrLost) || strings.ContainsRune(err.Error(), 0x1b) {
		t.Errorf("a host that says such things: %v", err)
	}
	if err := p.Tell(word{Number: 7}); err != nil {
		t.Fatal(err)
	}
	var w word
	if err := p.Hear(&w); err != nil || w.Number != 7 {
		t.Error(w, err)
	}
}

func FuzzMessages(f *testing.F) {
	for _, text := range []string{`{"frame":{"process":1,"sequence":2,"line":{"a":1}}}`, `{"lease":"x","said":{"1":2}}`, `{"name":"a\u001b","environment":{"modules":{"a\u001b":"b"}}}`, "{}{}", "1"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, v := range []any{&saying{}, &telling{}, &renewal{}, &claim{}, &claimed{}, &start{}, &program{}, &release{}, &answer{}, &naming{}} {
			if decode(data, v) == nil {
				if _, err := encode(v); err != nil && len(data) <= inlineLine/6 { // what is escaped grows
					t.Errorf("%q was read as %+v, which cannot be written: %v", data, v, err)
				}
			}
		}
		if info, err := readInfo(data); err == nil {
			if strings.ContainsRune(fmt.Sprintf("%+v", info), 0x1b) || CheckName(info.Name) != nil {
				t.Errorf("%q was read as %+v", data, info)
			}
		}
	})
}

func TestClock(t *testing.T) {
	c := open(t)
	join(t, c, "a")
	h := claimAll(t, c, "a")[0]
	clock, err := h.Clock(t.Context())
	if err != nil || clock.RoundTrip <= 0 || clock.Uncertainty < clock.RoundTrip/2 || clock.Offset.Abs() > clock.Uncertainty {
		t.Errorf("%+v of this very clock, %v", clock, err)
	}
	before := process.Monotonic()
	time.Sleep(time.Millisecond)
	if process.Monotonic()-before < time.Millisecond {
		t.Error("the clock stands")
	}
	if clock, err := c.Clock(t.Context(), "nobody"); err == nil {
		t.Errorf("%+v of nobody", clock)
	}
}

func TestDecode(t *testing.T) {
	for text, want := range map[string]string{
		`{"error":"x"}`:               "",
		`{"error":"x","more":1}`:      "unknown field",
		`{"error":"x"} {}`:            "something behind",
		`{"error":1}`:                 "cannot unmarshal",
		``:                            "EOF",
		strings.Repeat(" ", 1<<20):    "a message of 1048576 bytes",
		`{"error":"x"}` + "  \n":      "",
		`{"error":"x"` + "\x00" + `}`: "invalid character",
	} {
		var a answer
		err := decode([]byte(text), &a)
		if want == "" && (err != nil || a.Error != "x") || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.40q: %v, %v", text, a, err)
		}
	}
}
