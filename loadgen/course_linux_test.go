package loadgen

import (
	"encoding/json"
	"io"
	"math"
	"net"
	"testing"
	"time"
)

// changing is a load of 200/s for 400 ms, but for 2000/s from 100 ms on for 100 ms: 260 requests.
func changing(t *testing.T, address string) Spec {
	s := quick("tcp", address)
	s.Profile, s.Arrivals, s.Clients, s.Threads = profileOf("200,spike=2000@100ms+100ms"), Constant, 6, 3
	s.Duration = 400 * time.Millisecond
	return s
}

// However many threads and processes send them, the requests of a profile are the same, each in
// its part of the window.
func TestLoadOfAProfile(t *testing.T) {
	address := echo(t, "tcp", "127.0.0.1:0")
	s := changing(t, address)
	for _, processes := range []int{1, 2} {
		var clients Clients
		for range processes {
			clients = append(clients, Client{Peer: child(t, "client", nil)})
		}
		r, err := clients.Run(t.Context(), s, Stages{})
		if err != nil {
			t.Fatal(err)
		}
		trial := r.Trial(&s)
		if r.Requests != 260 || math.Abs(trial.RateRPS-650) > 1e-6 || trial.RateProfile != s.Profile.String() || trial.Series == nil || len(trial.Series.Parts) != 4 {
			t.Fatalf("%d processes: %d requests, trial %+v", processes, r.Requests, trial)
		}
		var answers float64
		for i, want := range []float64{200, 2000, 200, 200} {
			part := trial.Series.Parts[i]
			if math.Abs(part.AskedRPS-want) > 1e-6 || part.Latency == nil || r.Course[i].Latencies.TotalCount() != int64(want)/10 {
				t.Errorf("%d processes: part %d is %+v of %d latencies, want %v/s", processes, i, part, r.Course[i].Latencies.TotalCount(), want)
			}
			answers += part.AnsweredRPS / 10
		}
		if int64(math.Round(answers)) != r.Completed {
			t.Errorf("%d processes: %v answers in the parts, want %d", processes, answers, r.Completed)
		}
	}
}

// What nobody answers, or looks at, is infinite in the part in which it was due.
func TestFailuresOfAProfile(t *testing.T) {
	silent := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) { io.Copy(io.Discard, c) })
	s := changing(t, silent)
	s.Timeout = 50 * time.Millisecond
	r := mustRun(t, s)
	for i, part := range r.Trial(&s).Series.Parts {
		if part.AnsweredRPS != 0 || part.Latency == nil || !part.Latency.P50.IsInf() {
			t.Errorf("part %d is %+v", i, part)
		}
	}
	if r.Requests != 0 || r.Unanswered < 260 {
		t.Errorf("%d answered, %d not", r.Requests, r.Unanswered)
	}

	defer func(n int) { maxQueued = n }(maxQueued)
	maxQueued = 1000
	s = changing(t, echo(t, "tcp", "127.0.0.1:0"))
	s.Profile, s.Duration, s.Timeout = profileOf("100,spike=100000000@100ms+50ms"), 200*time.Millisecond, 50*time.Millisecond
	r = mustRun(t, s)
	failed := 0.0
	for _, part := range r.Course {
		failed += float64(part.Failed)
	}
	if unanswered := float64(r.Unanswered); math.Abs(failed/unanswered-1) > 0.01 || r.Errors["unsent"] == 0 {
		t.Errorf("%v failures in the parts of %v, errors %v", failed, unanswered, r.Errors)
	}
	if r.Course[0].Failed > 50 {
		t.Errorf("%d failures in the part before the spike", r.Course[0].Failed)
	}
}

// A window that was cut short has the parts that are whole, and the mean of its own rate.
func TestInterruptedProfile(t *testing.T) {
	s := changing(t, echo(t, "tcp", "127.0.0.1:0"))
	s.Duration = time.Minute
	interrupt := make(chan struct{})
	r, err := Run(t.Context(), s, Stages{
		Reached: when(StageMeasuring, func() error {
			time.AfterFunc(250*time.Millisecond, func() { close(interrupt) })
			return nil
		}),
		Interrupt: interrupt,
	})
	if err != nil {
		t.Fatal(err)
	}
	trial := r.Trial(&s)
	if n := len(trial.Series.Parts); n != int(r.Window/(100*time.Millisecond)) || !trial.Interrupted {
		t.Errorf("%d parts of %v", n, r.Window)
	}
	curve := s.Profile.Curve(0)
	if want := curve.Mean(0, r.Window); math.Abs(trial.RateRPS-want) > 1e-6 {
		t.Errorf("%v/s on average, want %v", trial.RateRPS, want)
	}
}

func TestSpecOfAProfileAsJSON(t *testing.T) {
	s := changing(t, "127.0.0.1:1")
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var again Spec
	if err := json.Unmarshal(b, &again); err != nil || again.Profile.String() != s.Profile.String() || !again.Open() {
		t.Errorf("%s is read as %+v, %v", b, again, err)
	}
	if b, err = json.Marshal(DefaultSpec()); err != nil || json.Unmarshal(b, &again) != nil {
		t.Fatal(err)
	}
}
