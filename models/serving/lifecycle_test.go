package serving

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

func (c *calls) shutdown(l *Lifecycle, ctx context.Context, drain func()) error {
	noted := func() { c.note("drain")(); drain() }
	return l.Finish(ctx, noted, c.note("cut"), c.note("release"))
}

func TestLifecycleDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, got := NewLifecycle(), calls{}
		if !l.Begin() || l.Stopping() {
			t.Fatal("a new Lifecycle does not begin")
		}
		finish := func() {
			if !l.Stopping() {
				t.Error("drain comes before stop")
			}
			go l.End()
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
		l, got := NewLifecycle(), calls{}
		l.Begin()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var ended time.Time
		go func() { // ends a second after it was cut
			<-ctx.Done()
			time.Sleep(time.Second)
			ended = time.Now()
			l.End()
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
	l, got := NewLifecycle(), calls{}
	for range 2 {
		if err := got.shutdown(&l, t.Context(), func() {}); err != nil {
			t.Error(err)
		}
	}
	if l.Begin() {
		t.Error("begins after Shutdown")
	}
	if diff := cmp.Diff(calls{"release"}, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestServeTwicePanics(t *testing.T) {
	l := NewLifecycle()
	l.Begin()
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	l.Begin()
}
