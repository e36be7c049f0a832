package blocking

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"connbench/models"
	"connbench/models/wire"

	"golang.org/x/sys/unix"
)

// unlimitedSystem has 1000 threads and room for many more.
func unlimitedSystem() map[string]string {
	return map[string]string{
		"proc/loadavg":                    "0.20 0.18 0.12 1/1000 11206\n",
		"proc/sys/kernel/threads-max":     "200000\n",
		"proc/sys/kernel/pid_max":         "4194304\n",
		"proc/sys/vm/max_map_count":       "1048576\n",
		"proc/self/cgroup":                "0::/user/shell\n",
		"sys/fs/cgroup/user/pids.max":     "max\n",
		"sys/fs/cgroup/user/pids.current": "30\n",
		"proc/1/status":                   "Name:\tinit\nUid:\t0\t0\t0\t0\nThreads:\t1\n",
		"proc/20/status":                  "Name:\tsh\nUid:\t7\t0\t0\t0\nThreads:\t30\n",
		"proc/21/status":                  "Name:\tsh\nUid:\t7\t7\t7\t7\nThreads:\t400\n",
	}
}

func TestThreadsOn(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string // in place of those of unlimitedSystem
		nproc uint64
		want  threadLimit
	}{
		{"all threads", nil, unix.RLIM_INFINITY, threadLimit{"kernel.threads-max", 199000}},
		{"identifiers", map[string]string{"proc/sys/kernel/pid_max": "32768\n"}, unix.RLIM_INFINITY, threadLimit{"kernel.pid_max", 31768}},
		{"mappings", map[string]string{"proc/sys/vm/max_map_count": "65530\n"}, unix.RLIM_INFINITY, threadLimit{"vm.max_map_count", 32765}},
		{"one user's", nil, 5000, threadLimit{"RLIMIT_NPROC", 4570}},
		{"one user's, reached", nil, 100, threadLimit{"RLIMIT_NPROC", 0}},
		{"one user's, more than all", nil, 1 << 19, threadLimit{"kernel.threads-max", 199000}},
		{"a group's", map[string]string{
			"sys/fs/cgroup/user/shell/pids.max": "500\n", "sys/fs/cgroup/user/shell/pids.current": "20\n",
		}, unix.RLIM_INFINITY, threadLimit{"pids.max of /sys/fs/cgroup/user/shell", 480}},
		{"the group's above", map[string]string{"sys/fs/cgroup/user/pids.max": "500\n"}, unix.RLIM_INFINITY,
			threadLimit{"pids.max of /sys/fs/cgroup/user", 470}},
		{"a group's of version 1", map[string]string{
			"proc/self/cgroup":                     "9:cpu,cpuacct:/x\n8:pids:/elsewhere\n0::/\n",
			"sys/fs/cgroup/pids/pids.max":          "300\n",
			"sys/fs/cgroup/pids/pids.current":      "100\n",
			"sys/fs/cgroup/cpu,cpuacct/x/pids.max": "1\n",
		}, unix.RLIM_INFINITY, threadLimit{"pids.max of /sys/fs/cgroup/pids", 200}},
		{"an odd path", map[string]string{"proc/self/cgroup": "0::/../../..\nnonsense\n"}, unix.RLIM_INFINITY, threadLimit{"kernel.threads-max", 199000}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			system := fstest.MapFS{}
			for _, files := range []map[string]string{unlimitedSystem(), tt.files} {
				for name, text := range files {
					system[name] = &fstest.MapFile{Data: []byte(text)}
				}
			}
			if got := threadsOn(system, 7, tt.nproc); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
	if got := threadsOn(fstest.MapFS{}, 7, unix.RLIM_INFINITY); got.room < 1000 {
		t.Errorf("a system that says nothing has room for %d threads: %s", got.room, got.name)
	}
}

func TestAllowThreads(t *testing.T) {
	limit := func() int {
		now := debug.SetMaxThreads(1 << 20)
		debug.SetMaxThreads(now)
		return now
	}
	before := limit()
	allowThreads(30000)
	allowThreads(20)
	if got := limit(); got != before+30020 {
		t.Errorf("the runtime allows %d threads, want %d", got, before+30020)
	}
	allowThreads(-30000)
	allowThreads(-20)
	if got := limit(); got != before {
		t.Errorf("the runtime allows %d threads in the end, %d before", got, before)
	}
}

func TestMoreThreadsThanThereIsRoomFor(t *testing.T) {
	for _, m := range []models.Model{Thread, ThreadNetpoll} {
		cfg := models.DefaultConfig()
		cfg.Workers = 1 << 20
		_, err := m.Listen(cfg)
		var ce *models.ConfigError
		if !errors.As(err, &ce) || ce.Knob != "workers" {
			t.Errorf("%s: got %v, want a models.ConfigError for workers", m.Name, err)
		}
	}
}

// TestThreadsRunOut connects more clients than the system has threads for, in a
// process of its own, which has few: it lives, and all are served in the end.
func TestThreadsRunOut(t *testing.T) {
	const inside = "CONNBENCH_TEST_THREADS"
	if name := os.Getenv(inside); name != "" {
		haveFewThreads(t, 200)
		threadsRunOut(t, map[string]models.Model{Thread.Name: Thread, ThreadNetpoll.Name: ThreadNetpoll}[name])
		return
	}
	for _, m := range []models.Model{Thread, ThreadNetpoll} {
		c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		c.Env = append(os.Environ(), inside+"="+m.Name, "GORACE=atexit_sleep_ms=0")
		out, err := c.CombinedOutput()
		if t.Logf("%s: %v\n%s", m.Name, err, out); err != nil {
			t.Fail()
		}
	}
}

// haveFewThreads leaves this process room for n threads more than there are. The
// superuser, who has no limit, becomes somebody else.
func haveFewThreads(t *testing.T, n int) {
	if os.Getuid() == 0 {
		const nobody = 65534
		if err := errors.Join(syscall.Setgid(nobody), syscall.Setuid(nobody)); err != nil {
			t.Skip(err)
		}
	}
	most := uint64(threadsOfUser(os.DirFS("/"), os.Getuid()) + n)
	if err := unix.Setrlimit(unix.RLIMIT_NPROC, &unix.Rlimit{Cur: most, Max: most}); err != nil {
		t.Skip(err)
	}
}

func threadsRunOut(t *testing.T, m models.Model) {
	s, err := m.Listen(models.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	limit := m.ServesAtOnce(models.DefaultConfig())
	if _, name := ThreadRoom(); name != "RLIMIT_NPROC" || limit > 200 {
		t.Fatalf("there is room for %d threads: %s", limit, name)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	var answered atomic.Int64
	var clients sync.WaitGroup
	leave := make(chan struct{})
	total := int64(2*limit + 10)
	for range total {
		clients.Go(func() {
			if err := askOnce(s.Addr(), &answered, leave); err != nil {
				t.Error(err)
			}
		})
	}
	counters := s.(models.Counting)
	for answered.Load() < int64(limit) || counters.Counters()["backoff"] == 0 {
		time.Sleep(time.Millisecond)
	}
	const others = 10 // the runtime's threads come and go between Listen and our question
	if n := counters.Counters()["accepted"]; n > int64(limit+others) {
		t.Errorf("%d connections are served at once, want %d or so", n, limit)
	}
	close(leave)
	clients.Wait()
	if got := answered.Load(); got != total {
		t.Errorf("%d of %d clients were answered", got, total)
	}
	if err := errors.Join(s.Shutdown(t.Context()), <-served); err != nil {
		t.Error(err)
	}
	t.Log(counters.Counters())
}

// askOnce makes one round trip, counts it, and stays until it is told to leave.
func askOnce(addr net.Addr, answered *atomic.Int64, leave <-chan struct{}) error {
	c, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		return err
	}
	defer c.Close()
	request := wire.AppendFrame(nil, []byte(strings.Repeat("x", 100)))
	if _, err := c.Write(request); err != nil {
		return err
	}
	if _, err := io.ReadFull(c, make([]byte, len(request))); err != nil {
		return fmt.Errorf("no answer: %w", err)
	}
	answered.Add(1)
	<-leave
	return nil
}
