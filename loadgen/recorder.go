package loadgen

import (
	"time"

	"connbench/loadgen/pace"
	"connbench/results"

	"github.com/HdrHistogram/hdrhistogram-go"
)

type role uint8

const (
	active role = iota
	slow
	idle
)

// stamp is when a request was due and sent, and whether it is still open.
type stamp struct {
	seq       uint64
	due, sent time.Duration
	again     time.Duration // when it is sent again if it is a datagram
	tries     uint8         // how often it was
	open      bool
}

// recorder is what one thread has measured. Times are since the run's epoch. A
// distribution that the load has not is nil.
type recorder struct {
	from, to time.Duration // the measured window
	before   time.Duration // of it, in the turns before
	planned  time.Duration // its length, of all turns, if nothing ends it early

	service  *hdrhistogram.Histogram // from the actual send
	response *hdrhistogram.Histogram // from the intended send; of a closed loop without thinking it is service
	slip     *hdrhistogram.Histogram // from the intended to the actual send
	slow     *hdrhistogram.Histogram // of the slow clients, which are in no other
	connect  *hdrhistogram.Histogram

	pacing *hdrhistogram.Histogram // from when a request is due to when an open loop looks at it

	// Of sampled requests: from the call that sends to the network's edge, from there
	// to the answer's being there, and from that until it is read.
	splitSend, splitServer, splitReceive *hdrhistogram.Histogram

	early     int64 // answers before the window
	warm      int64 // of them, those before the first slice
	again     bool  // it is another slice
	rested    bool  // what is seen now was done in the rest before it
	completed int64 // answers in the window, whenever their requests were due
	late      int64 // answers after the window
	parts     []windowPart
	course    pace.Course  // of a rate that changes
	sizes     []sizeRecord // of each payload of a mix

	live *meter // nil where nobody watches

	missing    int64          // answers in which there is no such value
	unanswered int64          // requests that failed; infinite in every percentile
	errors     [counted]int64 // requests, and attempts to connect, that failed
	datagrams  results.Datagrams
}

type sizeRecord struct {
	payload    int
	latencies  *hdrhistogram.Histogram // from the intended send
	unanswered int64                   // of those that were sent
}

func (r *sizeRecord) answered(s *stamp, now time.Duration) { record(r.latencies, now-s.due) }

type windowPart struct {
	Answered int64         `json:"answered"`
	Sum      time.Duration `json:"sum"` // of their response latencies
	Max      time.Duration `json:"max"` // the longest of them
}

// The window is cut into parts of a second, more or less, to see whether it is all alike.
const (
	minParts = 10  // and a multiple of it, so that there are halves
	maxParts = 600 // which bounds what a window of a week takes
)

func parts(window time.Duration) int {
	n := int(window / (minParts * time.Second))
	return minParts * max(1, min(n, maxParts/minParts))
}

// record adds a latency to a distribution. One that is longer than distributions hold, as
// a request's that has waited for its turn for many minutes, counts as the longest.
func record(h *hdrhistogram.Histogram, d time.Duration) {
	h.RecordValue(int64(min(d, results.MaxLatency)))
}

func newRecorder(s *Spec) recorder {
	r := recorder{service: results.NewHistogram(), parts: make([]windowPart, parts(s.Duration))}
	if s.Open() || s.Think > 0 {
		r.response, r.slip = results.NewHistogram(), results.NewHistogram()
	}
	if s.Open() {
		r.pacing = results.NewHistogram()
	}
	if !s.Profile.IsZero() {
		r.course = pace.NewCourse(s.Duration)
	}
	if s.Slow > 0 {
		r.slow = results.NewHistogram()
	}
	if s.Network == "tcp" {
		r.splitSend, r.splitServer, r.splitReceive = results.NewHistogram(), results.NewHistogram(), results.NewHistogram()
	}
	if s.Network != "udp" {
		r.connect = results.NewHistogram()
	}
	for _, share := range s.Mix {
		r.sizes = append(r.sizes, sizeRecord{payload: share.PayloadBytes, latencies: results.NewHistogram()})
	}
	if s.Live > 0 {
		r.live = newMeter(s.Live)
	}
	return r
}

func (r *recorder) due(t time.Duration) bool { return t >= r.from && t < r.to }

func (r *recorder) answered(role role, s *stamp, now time.Duration) {
	if role == slow {
		record(r.slow, now-s.sent)
		return
	}
	part := &r.parts[(r.before+s.due-r.from)*time.Duration(len(r.parts))/r.planned]
	part.Answered++
	part.Sum += now - s.due
	part.Max = max(part.Max, now-s.due)
	record(r.service, now-s.sent)
	if r.response != nil {
		record(r.response, now-s.due)
		record(r.slip, s.sent-s.due)
	}
	if r.course != nil {
		r.course.Answered(s.due-r.from, r.planned, now-s.due)
	}
}

func (r *recorder) split(send, server, receive time.Duration) {
	record(r.splitSend, send)
	record(r.splitServer, server)
	record(r.splitReceive, receive)
}

// came counts an answer, whenever its request was due.
func (r *recorder) came(s *stamp, now time.Duration) {
	if r.live != nil {
		record(r.live.own.latencies, now-s.due)
	}
	switch {
	case r.due(now):
		r.completed++
		if r.course != nil {
			r.course.Came(now-r.from, r.planned)
		}
	case now < r.from:
		r.early++
		if !r.again {
			r.warm++
		}
	default:
		r.late++
	}
}

// missed counts an answer that there is no such value, as its request was due.
func (r *recorder) missed(role role, s *stamp) {
	if role == active && r.due(s.due) {
		r.missing++
	}
}

// noticed records that the schedule's request due at a time was looked at now.
func (r *recorder) noticed(at, now time.Duration) {
	if r.due(at) {
		record(r.pacing, now-at)
	}
}

// failed records a request, due at a time, that nobody will answer, seen at time now, and reports
// whether it counts. What fails during the warm-up is discarded with it, and so is a datagram of the warm-up
// that is given up for lost later, or a request of it that is never sent.
func (r *recorder) failed(c class, due, now time.Duration) bool {
	if r.live != nil {
		r.live.own.failed++
	}
	if now < r.from || (c == lost || c == unsent) && due < r.from {
		return false
	}
	r.errors[c]++
	r.unanswered++
	if c == lost {
		r.datagrams.Lost++
	}
	if r.course != nil && r.due(due) {
		r.course.Failed(due-r.from, r.planned, 1)
	}
	return true
}

// resent records that a request due at a time was sent again: the datagram before is lost.
func (r *recorder) resent(due time.Duration) {
	if r.due(due) {
		r.datagrams.Lost++
	}
}

// neverSent records requests of the window, from a time on, that nobody has looked at; left is how
// many there are between two times.
func (r *recorder) neverSent(from time.Duration, left func(from, until time.Duration) int64) {
	from = max(from, r.from)
	n := left(from, r.to)
	r.errors[unsent] += n
	r.unanswered += n
	for i := range r.course {
		begin, end := r.from+r.course.Edge(i, r.planned), r.from+r.course.Edge(i+1, r.planned)
		if begin, end = max(begin, from), min(end, r.to); begin < end {
			r.course.Failed(begin-r.from, r.planned, left(begin, end))
		}
	}
}

// unasked records what the server did to a connection in the window, or in a rest between
// two parts of it, while no request was open on it: no request fails by that.
func (r *recorder) unasked(c class, now time.Duration) {
	rested := r.rested || r.before > 0 && now < r.from // it is seen when the rest is over
	switch {
	case !r.due(now) && !rested:
	case c == closed, c == reset:
		r.errors[connectionLost]++
	default:
		r.errors[c]++
	}
}

// mismatched, duplicated and reordered record what came and is no failure of a request.
func (r *recorder) mismatched(now time.Duration) { r.count(&r.errors[mismatch], now) }
func (r *recorder) duplicated(now time.Duration) { r.count(&r.datagrams.Duplicated, now) }
func (r *recorder) reordered(now time.Duration)  { r.count(&r.datagrams.Reordered, now) }

func (r *recorder) count(n *int64, now time.Duration) {
	if now >= r.from {
		*n++
	}
}

// connected records a connection attempted at since. Under churn those of the
// window count, else all, which were made before it.
func (r *recorder) connected(since, now time.Duration, churn bool) {
	if r.connect != nil && (!churn || r.due(since)) {
		record(r.connect, now-since)
	}
}
