package hosts

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"connbench/loadgen/process"
)

// started starts a process and ends it with the test.
func started(t *testing.T, h *Host, kind string) process.Peer {
	t.Helper()
	p, err := h.Start(t.Context(), kind)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Stop(0) })
	return p
}

// What a process is told it hears whole and in order, and so is what it says, lines that
// are too long for a message among the others.
func TestLines(t *testing.T) {
	c := open(t)
	join(t, c, "a")
	h := claimAll(t, c, "a")[0]
	p := started(t, h, "echo")
	const lines = 300
	text := func(i int) string {
		if i%100 == 50 {
			return strings.Repeat(strconv.Itoa(i), 100<<10)
		}
		return strconv.Itoa(i)
	}
	told := make(chan error, 1)
	go func() {
		for i := range lines {
			if err := p.Tell(word{i, text(i)}); err != nil {
				told <- err
				return
			}
		}
		told <- nil
	}()
	for i := range lines {
		var w word
		if err := p.Hear(&w); err != nil || w != (word{i, text(i)}) {
			t.Fatalf("line %d is %d, %d bytes: %v", i, w.Number, len(w.Text), err)
		}
	}
	if err := <-told; err != nil {
		t.Error(err)
	}
	if err := p.Stop(patience); err != nil {
		t.Error(err)
	}
	var w word
	if err := p.Hear(&w); err == nil || !strings.HasPrefix(err.Error(), "host a: ended (") || errors.Is(err, process.ErrLost) {
		t.Error(err)
	}
	if left := h.running(); len(left) > 0 {
		t.Errorf("processes %v are taken to run", left)
	}
}

// A process that dies says how, with the last that it said on standard error.
func TestDeath(t *testing.T) {
	c := open(t)
	join(t, c, "a")
	p := started(t, claimAll(t, c, "a")[0], "dies")
	var w word
	if err := p.Hear(&w); err != nil || w.Number == 0 {
		t.Fatal(err)
	}
	if err := p.Tell(word{}); err != nil {
		t.Error(err)
	}
	const want = `host a: ended (exit status 3): out of\x1b[31m ideas`
	if err := p.Hear(&w); err == nil || err.Error() != want || errors.Is(err, process.ErrLost) {
		t.Error(err)
	}
	if err := p.Stop(time.Second); err == nil || err.Error() != want {
		t.Error(err)
	}
}

func TestStop(t *testing.T) {
	c := open(t)
	join(t, c, "a")
	h := claimAll(t, c, "a")[0]
	t.Run("what is said in the end", func(t *testing.T) {
		p := started(t, h, "farewell")
		var w word
		if err := p.Hear(&w); err != nil || w.Text != "hello" {
			t.Fatal(err)
		}
		if err := p.Stop(patience); err != nil {
			t.Error(err)
		}
		if err := p.Hear(&w); err != nil || len(w.Text) != 2*inlineLine {
			t.Error(len(w.Text), err)
		}
		if err := p.Hear(&w); err != nil || w.Text != "goodbye" {
			t.Error(w, err)
		}
		if err := p.Hear(&w); err == nil || err.Error() != "host a: ended (exit status 0)" {
			t.Error(err)
		}
		if err := p.Tell(w); err == nil {
			t.Error("a process that has ended was told something")
		}
	})
	t.Run("killed", func(t *testing.T) {
		p := started(t, h, "stubborn")
		var w word
		if err := p.Hear(&w); err != nil {
			t.Fatal(err)
		}
		if err := p.Stop(time.Millisecond); !errors.Is(err, process.ErrKilled) {
			t.Error(err)
		}
		if err := p.Stop(time.Millisecond); !errors.Is(err, process.ErrKilled) {
			t.Error(err)
		}
	})
	t.Run("deaf", func(t *testing.T) {
		p := started(t, h, "deaf")
		for range 100 {
			if err := p.Tell(word{Text: strings.Repeat("x", inlineLine/2)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Stop(patience); err != nil {
			t.Error(err)
		}
	})
	t.Run("no JSON", func(t *testing.T) {
		p := started(t, h, "babbles")
		var w word
		if err := p.Hear(&w); err == nil || !strings.Contains(err.Error(), "invalid character") {
			t.Error(err)
		}
		p.Stop(0)
	})
	t.Run("no such kind", func(t *testing.T) {
		if p, err := h.Start(t.Context(), "shell"); err == nil || err.Error() != `host a: its agent starts no "shell"` {
			t.Error(p, err)
		}
	})
}
