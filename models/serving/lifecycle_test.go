package models

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// calls notes which of shutdown's functions ran, in order.
type calls []string

func (c *calls) note(name string) func() { return func() { *c = append(*c, name) } }

func (c *calls) shutdown(l *lifecycle, ctx context.Context, drain func()) error {
	noted := func() { c.note("drain")(); drain() }
	return l.shutdown(ctx, noted, c.note("cut"), c.note("release"))
}

func TestLifecycleDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, got := newLifecycle(), calls{}
		if !l.begin() || l.stopping() {
			t.Fatal("a new lifecycle does not begin")
		}
		finish := func() {
			if !l.stopping() {
				t.Error("drain comes before stop")
			}
			go l.end()
		}
		for range 2 {
			if err := got.shutdown(&l, t.Context(), finish); err != nil {
				t.Error(err)
			}
		}
		if diff := cmp.Diff(calls{"drain"}, got); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestLifecycleCutsWhenTimeIsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, got := newLifecycle(), calls{}
		l.begin()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var ended time.Time
		go func() { // ends a second after it was cut
			<-ctx.Done()
			time.Sleep(time.Second)
			ended = time.Now()
			l.end()
		}()
		err := got.shutdown(&l, ctx, func() {})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the context's", err)
		}
		if ended.IsZero() {
			t.Error("Shutdown did not wait for Serve")
		}
		if diff := cmp.Diff(calls{"drain", "cut"}, got); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestLifecycleNeverServed(t *testing.T) {
	l, got := newLifecycle(), calls{}
	for range 2 {
		if err := got.shutdown(&l, t.Context(), func() {}); err != nil {
			t.Error(err)
		}
	}
	if l.begin() {
		t.Error("begins after Shutdown")
	}
	if diff := cmp.Diff(calls{"release"}, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestServeTwicePanics(t *testing.T) {
	l := newLifecycle()
	l.begin()
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	l.begin()
}

func TestBackoffGrowsToItsMaximum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b backoff
		for want := minPause; want < maxPause; want *= 2 {
			if got := b.next(); got != want {
				t.Fatalf("pause %v, want %v", got, want)
			}
		}
		if got := b.next(); got != maxPause {
			t.Errorf("pause %v, want the maximum of %v", got, maxPause)
		}
		start := time.Now()
		b.wait(nil)
		if got := time.Since(start); got != maxPause {
			t.Errorf("waited %v, want %v", got, maxPause)
		}
		stop := make(chan struct{})
		close(stop)
		start = time.Now()
		if b.wait(stop); time.Since(start) != 0 {
			t.Error("waits after stop")
		}
		if b.reset(); b.next() != minPause {
			t.Error("reset does not start over")
		}
	})
}
