package sweep

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/process"
	"connbench/loadgen/sample"
	"connbench/loadgen/system"
)

// smallDrive is a small load on one actor, watched as little as that may be.
func smallDrive(t *testing.T, name string) *Drive {
	t.Helper()
	spec := loadgen.DefaultSpec()
	spec.Clients, spec.Warmup, spec.Duration, spec.Timeout = 2, 0, 100*time.Millisecond, patience
	return &Drive{
		Row: actor(t, name, t.TempDir()), Spec: spec, Client: []string{executable(t), "act-client"},
		Placement: system.Placement{}, Depth: sample.Nothing, StartTimeout: patience, StopTimeout: patience,
	}
}

// TestDrive: the server is shown before its clients and after them, and has ended in the end;
// nothing of it is in the trial if nobody watches.
func TestDrive(t *testing.T) {
	t.Parallel()
	d := smallDrive(t, "good")
	var shown []string
	look := func(when string) func(*Server) error {
		return func(s *Server) error {
			if shown = append(shown, when); s.Address() == "" || s.death(0) != nil {
				t.Errorf("%s: it does not live on %q", when, s.Address())
			}
			return nil
		}
	}
	d.Before, d.After = look("before"), look("after")
	driven, err := d.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(shown, []string{"before", "after"}) || driven.Slow != nil || driven.Requests == 0 {
		t.Errorf("shown %v, slow %v, %d requests", shown, driven.Slow, driven.Requests)
	}
	if driven.Server.death(0) == nil {
		t.Error("the server lives on")
	}
	if trial := driven.Trial(); trial.Requests != driven.Requests || trial.ServerUsage != nil || trial.Noise != nil {
		t.Errorf("%d requests, server %+v, noise %+v", trial.Requests, trial.ServerUsage, trial.Noise)
	}
}

// TestDriveNoticesDeath: whoever drives is told that the server died, and not only what
// became of the clients by that.
func TestDriveNoticesDeath(t *testing.T) {
	t.Parallel()
	_, err := smallDrive(t, "dying").Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "server dying: it did not live through the trial") {
		t.Error(err)
	}
}

// TestDriveOfSlowEnd: a server that had to be killed is told, beside what was measured.
func TestDriveOfSlowEnd(t *testing.T) {
	t.Parallel()
	d := smallDrive(t, "deaf")
	d.StopTimeout = 100 * time.Millisecond
	driven, err := d.Run(t.Context())
	if err != nil || !errors.Is(driven.Slow, process.ErrKilled) || driven.Trial().ServerKilledAfterNS != int64(d.StopTimeout) {
		t.Fatalf("%+v, %v", driven, err)
	}
}

// TestDriveStops: who does not like what it is shown ends it.
func TestDriveStops(t *testing.T) {
	t.Parallel()
	d := smallDrive(t, "good")
	unliked := errors.New("not this one")
	d.Before = func(*Server) error { return unliked }
	if _, err := d.Run(t.Context()); !errors.Is(err, unliked) {
		t.Error(err)
	}
}
