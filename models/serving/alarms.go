package models

import "time"

// alarms are what a loop has to do that no event tells of. Times are since start.
type alarms struct {
	start    time.Time
	now      time.Duration // taken once a wait; only with an idle timeout
	idle     time.Duration // timeout, 0 for never
	expireAt time.Duration // when to look for idle connections again

	pause    backoff
	resumeAt time.Time // when accepting goes on; zero while it does
}

func newAlarms(cfg *Config) alarms { return alarms{start: time.Now(), idle: cfg.IdleTimeout} }

// look takes the time.
func (a *alarms) look() {
	if a.idle > 0 {
		a.now = time.Since(a.start)
	}
}

// pauseAccepting sets when accepting goes on, for want of resources.
func (a *alarms) pauseAccepting() { a.resumeAt = time.Now().Add(a.pause.next()) }

// paused reports whether that is to come.
func (a *alarms) paused() bool { return !a.resumeAt.IsZero() }

// resumes reports whether it has come.
func (a *alarms) resumes() bool { return a.paused() && time.Now().After(a.resumeAt) }

// timeout is how long the loop may sleep with so many connections; negative for ever.
func (a *alarms) timeout(live int) time.Duration {
	wait := time.Duration(-1)
	if a.paused() {
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

// expires reports whether to look for idle connections, four times per idle timeout.
func (a *alarms) expires() bool {
	if a.idle == 0 || a.now < a.expireAt {
		return false
	}
	a.expireAt = a.now + a.idle/4
	return true
}
