package sweep

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// several makes the row of a stage one of so many processes.
func (s *stage) several(name string, processes int) {
	row := s.Rows[name]
	row.Processes = processes
	s.Rows[name] = row
}

// A foreign server that shares its port runs as often as it is asked to, and what its processes
// take is summed.
func TestRunMeasuresSeveral(t *testing.T) {
	for _, network := range []string{"tcp", "udp"} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			memory := map[int]int64{}
			for _, processes := range []int{1, 3} {
				s := newForeignStage(t, network, "sharing")
				s.several("sharing", processes)
				s.Plan.Clients = []int{16}
				if err := s.Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				s.deserted(t, processes)
				trial := s.trials(t)["sharing"]
				if trial.Failure != "" || trial.Requests == 0 || trial.Failed() > 0 || trial.ServerUsage == nil {
					t.Fatalf("%d processes: failure %q, %d requests, errors %v, server %+v", processes, trial.Failure, trial.Requests, trial.Errors, trial.ServerUsage)
				}
				memory[processes] = trial.ServerUsage.ServerRSSBytes
			}
			if memory[3] < 2*memory[1] {
				t.Errorf("resident, by processes: %v, want three times as much", memory)
			}
		})
	}
}

// A server that does not share its port is told how it would.
func TestRunRefusesSeveral(t *testing.T) {
	for actor, why := range map[string]string{
		"good":    "server good: process 2 of 2 ended (exit status 2): ",
		"patient": "server patient: 2 processes did not listen on 127.0.0.1:",
	} {
		t.Run(actor, func(t *testing.T) {
			t.Parallel()
			s := newForeignStage(t, "tcp", actor)
			s.several(actor, 2)
			if actor == "patient" {
				s.StartTimeout = 3 * time.Second // for the first; the second comes to nothing
			}
			if err := s.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.deserted(t, 2)
			failure := s.trials(t)[actor].Failure
			if !strings.HasPrefix(failure, why) || !strings.HasSuffix(failure, "the server has to set SO_REUSEPORT") || strings.Contains(failure, "\n") {
				t.Errorf("failure %q, want %q", failure, why)
			}
		})
	}
}

// The death of one of several is that of the server.
func TestSeveralNoticeADeath(t *testing.T) {
	t.Parallel()
	row := foreigner(t, "sharing", "tcp", t.TempDir())
	row.Processes = 3
	s, err := startServer(t.Context(), row, nil, patience)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Kill()
	if death := s.death(0); death != nil || len(s.PIDs()) != 3 {
		t.Fatalf("%v at once, of processes %v", death, s.PIDs())
	}
	syscall.Kill(s.PIDs()[1], syscall.SIGKILL)
	if death := s.death(patience); death == nil || !strings.HasPrefix(death.Error(), "process 2 of 3 ended (signal: killed)") {
		t.Errorf("it ended so: %v", death)
	}
	if s.Kill(); s.Usage() == nil || s.Usage().CPU == 0 {
		t.Errorf("it took %+v", s.Usage())
	}
}
