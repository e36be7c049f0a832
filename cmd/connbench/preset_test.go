package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/models/foreign"
	"connbench/results"

	"github.com/google/go-cmp/cmp"
)

// installed skips a test without a preset's program; where everything is tested, it must be there.
func installed(t *testing.T, name string) {
	t.Helper()
	_, err := foreign.Find(name).Program()
	switch {
	case err == nil:
	case os.Getenv("CI") != "":
		t.Fatalf("CI is set, and %v", err)
	default:
		t.Skip(err)
	}
}

func TestParseExecPresets(t *testing.T) {
	type read struct {
		Name, Network, Text string
		Preset, Any         bool
		Backlog             int
	}
	for text, want := range map[string][]read{
		"nginx":                           {{"nginx", "", "nginx", true, false, 0}},
		" redis@unix ":                    {{"redis", "unix", " redis@unix ", true, false, 0}},
		"haproxy --backlog=128":           {{"haproxy", "", "haproxy --backlog=128", true, false, 128}},
		"nginx=./my-nginx {addr}":         {{"nginx", "", "nginx=./my-nginx {addr}", false, false, 0}},
		"a=nginx --listen={addr} all":     {{"a", "", "a=nginx --listen={addr} all", false, false, 0}},
		"all@tcp   --backlog=0 ":          {{"nginx", "tcp", "nginx@tcp   --backlog=0", true, true, 0}, {"haproxy", "tcp", "haproxy@tcp   --backlog=0", true, true, 0}, {"redis", "tcp", "redis@tcp   --backlog=0", true, true, 0}, {"memcached", "tcp", "memcached@tcp   --backlog=0", true, true, 0}},
		"redis --backlog=1 --backlog=512": {{"redis", "", "redis --backlog=1 --backlog=512", true, false, 512}},
	} {
		all, err := parseExec(text)
		got := results.Map(all, func(o outsider) read {
			return read{o.Name, o.Network, o.text, o.preset != nil, o.any, o.backlog}
		})
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: %v, %s", text, err, diff)
		}
	}
	for text, says := range map[string]string{
		"ngnix":                 `"ngnix" is not allowed (NAME=COMMAND ... {addr}, NAME@udp=COMMAND ... {addr}, or one of nginx, haproxy, redis, memcached and all)`,
		"nginx@udp":             `nginx on "udp" is not allowed (tcp or unix behind the @)`,
		"nginx --fast":          `nginx with "--fast" is not allowed (--backlog=N, N from 1 to 65535`,
		"nginx --backlog=x":     `nginx with "--backlog=x"`,
		"nginx --backlog=65536": `nginx with "--backlog=65536"`,
		"nginx --backlog=-1":    `nginx with "--backlog=-1"`,
	} {
		var wrong *loadgen.SpecError
		if _, err := parseExec(text); !errors.As(err, &wrong) || wrong.Field != "exec" || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v; want %q", text, err, says)
		}
	}
}

func TestPresetCan(t *testing.T) {
	for _, tt := range []struct {
		name, preset string
		change       func(*sweep.Plan)
		says         string
	}{
		{"http", "nginx", func(p *sweep.Plan) { p.Framing, p.ResponseSize = "http", 100 }, ""},
		{"its head", "haproxy", func(p *sweep.Plan) { p.Framing, p.Request = "http", "HEAD /" }, ""},
		{"resp", "redis", func(p *sweep.Plan) { p.Framing, p.Command = "resp", "GET x" }, ""},
		{"of its own", "redis", func(*sweep.Plan) {}, "redis: framing: length is not allowed (resp, which is what it speaks)"},
		{"of another", "nginx", func(p *sweep.Plan) { p.Framing = "resp" }, "nginx: framing: resp is not allowed (http, which is what it speaks)"},
		{"memcache", "memcached", func(p *sweep.Plan) {
			p.Framing, p.Command, p.Knobs = "memcache", "get x", map[string]string{"processes": "2"}
		}, ""},
		{"datagrams", "redis", func(p *sweep.Plan) { p.Framing, p.Network = "resp", "udp" }, "redis: network: udp is not allowed (tcp or unix)"},
		{"workers", "haproxy", func(p *sweep.Plan) { p.Framing, p.Knobs = "http", map[string]string{"processes": "2"} }, ""},
		{"without workers", "redis", func(p *sweep.Plan) { p.Framing, p.Knobs = "resp", map[string]string{"processes": "2"} }, "redis: processes: 2 is not allowed (one, which has one thread for requests)"},
		{"workers on unix", "nginx", func(p *sweep.Plan) {
			p.Framing, p.Network, p.Knobs = "http", "unix", map[string]string{"processes": "2"}
		}, "nginx: processes: 2 is not allowed (one on the unix network"},
		{"a knob", "nginx", func(p *sweep.Plan) { p.Framing, p.Knobs = "http", map[string]string{"backlog": "2"} }, "nginx: backlog: 2 is not allowed (none"},
		{"work", "nginx", func(p *sweep.Plan) { p.Framing, p.Work = "http", "cpu:1ms" }, "nginx: work: cpu:1ms is not allowed (echo"},
		{"an echo", "nginx", func(p *sweep.Plan) { p.Framing, p.Request = "http", "POST /echo" }, "nginx: request: POST /echo is not allowed (GET / or HEAD /"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plan := sweep.DefaultPlan(nil)
			tt.change(&plan)
			r := &roster{plan: &plan}
			if err := r.knobs.read(&plan); err != nil {
				t.Fatal(err)
			}
			err := r.presetCan(foreign.Find(tt.preset), plan.Network)
			switch {
			case tt.says == "" && err != nil:
				t.Error(err)
			case tt.says != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.says) || !isUsage(err) || !r.cannot(err)):
				t.Errorf("%v, want %q", err, tt.says)
			}
		})
	}
}

// A preset that is not there is left out of all of them, and refused by its name.
func TestPresetMissing(t *testing.T) {
	missing := usage(&foreign.MissingError{Name: "nginx", Debian: "nginx-light"})
	r := &roster{execs: []outsider{{Exec: sweep.Exec{Name: "nginx"}, any: true}, {Exec: sweep.Exec{Name: "redis"}}}}
	if !r.cannot(missing) || !isUsage(missing) || !r.unnamed("nginx", false) || r.unnamed("redis", true) || !r.unnamed("goroutine", true) {
		t.Errorf("%v, of %+v", missing, r.execs)
	}
	if got, want := explain([]leftOut{{"nginx", missing}}), "nginx (nginx is not installed (Debian: nginx-light))"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTunedPreset(t *testing.T) {
	for _, tt := range []struct{ what, text, want, wrong string }{
		{"backlog", "nginx", "nginx --backlog={value}", ""},
		{"backlog", "redis@unix", "redis@unix --backlog={value}", ""},
		{"buffers", "a=b {addr} {value}", "a=b {addr} {value}", ""},
		{"buffers", "nginx", "", "exec: nginx is not allowed (a command with {value}; of a preset there is the backlog alone to tune)"},
		{"backlog", "all", "", "exec: all is not allowed (one of nginx,"},
	} {
		got, err := tunedPreset(tt.what, tt.text)
		if got != tt.want || (err == nil) != (tt.wrong == "") || err != nil && !strings.HasPrefix(err.Error(), tt.wrong) {
			t.Errorf("%s of %s: %q, %v", tt.what, tt.text, got, err)
		}
	}
	c := tuneCommand{What: "backlog", Exec: "redis", Values: []string{"5", "128"}, networkFlag: networkFlag{"tcp"}}
	tuned, err := c.tune([]string{"values"}, asAsked)
	if err != nil {
		t.Fatal(err)
	}
	if k := tuned.Knobs[0]; tuned.Model != "redis" || k.Default != "" || len(k.Settings) != 2 || k.Settings[1].Go != "redis --backlog=128" {
		t.Errorf("%+v", tuned)
	}
}

// Each is measured beside a row of ours, answers right, and leaves nothing behind.
func TestPresetsRun(t *testing.T) {
	for _, tt := range []struct {
		preset  string
		args    []string
		trials  int
		threads int // with those of its workers
	}{
		{"nginx", []string{"--framing", "http", "--clients", "300", "--payloads", "64B,20KiB", "--processes", "2"}, 2, 3},
		{"nginx", []string{"--framing", "http", "--clients", "3", "--network", "unix", "--request", "HEAD /"}, 1, 2},
		{"haproxy", []string{"--framing", "http", "--clients", "300", "--payloads", "64B,20KiB"}, 2, 1},
		{"haproxy", []string{"--framing", "http", "--clients", "4", "--payloads", "64B", "--processes", "2"}, 1, 2},
		{"redis", []string{"--framing", "resp", "--clients", "300", "--payloads", "64B,20KiB"}, 2, 1},
		{"redis", []string{"--framing", "resp", "--clients", "3", "--payloads", "64B", "--network", "unix", "--command", "SET key:{n} {payload}"}, 1, 1},
		{"memcached", []string{"--framing", "memcache", "--clients", "300", "--payloads", "64B,20KiB", "--processes", "2"}, 2, 3},
		{"memcached", []string{"--framing", "memcache", "--clients", "3", "--payloads", "1MiB", "--network", "unix", "--command", "set key:{n} 7 60 {payload}"}, 1, 2},
	} {
		t.Run(tt.preset, func(t *testing.T) {
			installed(t, tt.preset)
			root := temporary(t)
			dir := filepath.Join(root, "run")
			args := append([]string{
				"run", "--models=", "--exec", tt.preset, "--trials", "1", "--retries", "0", "--out", dir,
				// What is due is due however busy the machine is, and has time.
				"--rates", "1000", "--timeout", "30s", "--duration", "300ms", "--warmup", "20ms",
			}, tt.args...)
			if out, err := exec.Command(command(t), args...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			_, trials, _, err := results.Open(dir)
			if err != nil || len(trials) != tt.trials {
				t.Fatalf("%d trials, %v", len(trials), err)
			}
			for i := range trials {
				checkPresetTrial(t, &trials[i], tt.threads)
			}
			if left, err := os.ReadDir(root); err != nil || len(left) != 1 {
				t.Errorf("left beside the run: %v, %v", left, err)
			}
		})
	}
}

// checkPresetTrial wants answers alone, and the server seen with its workers. How much CPU time it took
// in so short a window depends on who else is there.
func checkPresetTrial(t *testing.T, trial *results.Trial, threads int) {
	t.Helper()
	if trial.Failure != "" || len(trial.Errors) > 0 || trial.Requests == 0 {
		t.Errorf("%s, %d clients, %d B: %d requests, errors %v, failure %q", trial.Model, trial.Clients, trial.PayloadBytes, trial.Requests, trial.Errors, trial.Failure)
		return
	}
	if u := trial.ServerUsage; u == nil || u.ServerThreads < threads || u.ServerRSSBytes < int64(threads)<<20 {
		t.Errorf("%s: %+v", trial.Model, u)
	}
}

// waitFor waits until something is so.
func waitFor(t *testing.T, what string, is func() bool) {
	t.Helper()
	for late := time.Now().Add(patience); !is(); time.Sleep(aliveGlance) {
		if time.Now().After(late) {
			t.Fatalf("no %s within %v", what, patience)
		}
	}
}

// A run that was killed leaves none of their processes, those that have written over their
// environment included.
func TestPresetsEndWithRun(t *testing.T) {
	installed(t, "nginx")
	root := temporary(t)
	var said output
	said.grown = make(chan struct{})
	run := exec.Command(command(t), "run", "--models=", "--exec", "nginx", "--framing", "http", "--clients", "2", "--payloads", "64B",
		"--trials", "1", "--retries", "0", "--duration", "5m", "--slice", "0", "--out", filepath.Join(t.TempDir(), "run"))
	run.Stderr = &said
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	inside := func() (all []string) {
		links, _ := filepath.Glob("/proc/[0-9]*/cwd")
		for _, link := range links {
			if in, err := os.Readlink(link); err == nil && strings.HasPrefix(in, root) {
				all = append(all, link)
			}
		}
		return all
	}
	waitFor(t, "a master and a worker", func() bool { return len(inside()) >= 2 })
	run.Process.Kill()
	run.Wait()
	waitFor(t, "their end", func() bool { return len(inside()) == 0 })
	waitFor(t, "an empty folder", func() bool {
		left, err := os.ReadDir(root)
		return err == nil && len(left) == 0
	})
}
