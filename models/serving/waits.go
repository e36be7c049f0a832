package serving

import (
	"time"

	"connbench/models"
)

// Backoff is how accepting waits when the process is out of descriptors: longer
// each time in a row, up to maxPause, and not past the end of Shutdown.
type Backoff struct{ pause time.Duration }

const (
	minPause = 5 * time.Millisecond
	maxPause = time.Second
)

// Reset is for when accepting has succeeded.
func (b *Backoff) Reset() { b.pause = 0 }

// Next is the pause to make now.
func (b *Backoff) Next() time.Duration {
	b.pause = min(max(minPause, 2*b.pause), maxPause)
	return b.pause
}

// Wait makes that pause.
func (b *Backoff) Wait(stop <-chan struct{}) {
	t := time.NewTimer(b.Next())
	defer t.Stop()
	select {
	case <-t.C:
	case <-stop:
	}
}

// Alarms are what a loop has to do that no event tells of. Times are since start.
type Alarms struct {
	start    time.Time
	Now      time.Duration // taken once a wait; only with an idle timeout
	idle     time.Duration // timeout, 0 for never
	expireAt time.Duration // when to look for idle connections again

	Pause    Backoff
	resumeAt time.Time // when accepting goes on; zero while it does
}

// NewAlarms begins now.
func NewAlarms(cfg *models.Config) Alarms { return Alarms{start: time.Now(), idle: cfg.IdleTimeout} }

// Look takes the time.
func (a *Alarms) Look() {
	if a.idle > 0 {
		a.Now = time.Since(a.start)
	}
}

// PauseAccepting sets when accepting goes on, for want of resources.
func (a *Alarms) PauseAccepting() { a.resumeAt = time.Now().Add(a.Pause.Next()) }

// Resume notes that accepting goes on.
func (a *Alarms) Resume() { a.resumeAt = time.Time{} }

// Elapsed is the time now, whatever the idle timeout.
func (a *Alarms) Elapsed() time.Duration { return time.Since(a.start) }

// Idle reports whether a connection that was active then has been idle for too long.
func (a *Alarms) Idle(active time.Duration) bool { return a.Now-active >= a.idle }

// Paused reports whether that is to come.
func (a *Alarms) Paused() bool { return !a.resumeAt.IsZero() }

// Resumes reports whether it has come.
func (a *Alarms) Resumes() bool { return a.Paused() && time.Now().After(a.resumeAt) }

// Timeout is how long the loop may sleep with so many connections; negative for ever.
func (a *Alarms) Timeout(live int) time.Duration {
	wait := time.Duration(-1)
	if a.Paused() {
		wait = max(0, time.Until(a.resumeAt))
	}
	if a.idle > 0 && live > 0 {
		scan := max(0, a.expireAt-time.Since(a.start))
		if wait < 0 || scan < wait {
			wait = scan
		}
	}
	return wait
}

// Expires reports whether to look for idle connections, four times per idle timeout.
func (a *Alarms) Expires() bool {
	if a.idle == 0 || a.Now < a.expireAt {
		return false
	}
	a.expireAt = a.Now + a.idle/4
	return true
}
