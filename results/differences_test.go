package results

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestDifferences(t *testing.T) {
	run := func(change func(*Run)) *Run {
		r := storedRun()
		r.Plan = json.RawMessage(`{"duration": "1s", "trials": 3, "knobs": {"backlog": "16"}}`)
		r.Environment.Modules = map[string]string{"x": "v1"}
		r.Environment.Hosts = []Member{{Name: "a", Role: ServerRole, RoundTripNS: 30e3}}
		change(&r)
		return &r
	}
	tests := []struct {
		name            string
		change          func(*Run)
		serious, others string
	}{
		{"nothing", func(*Run) {}, "", ""},
		{"the plan", func(r *Run) { r.Plan = json.RawMessage(`{"duration":"2s","trials":3,"knobs":{"backlog":"16"}}`) }, "plan duration: 1s / 2s", ""},
		{"a knob", func(r *Run) { r.Plan = json.RawMessage(`{"duration":"1s","trials":3}`) }, "plan knobs.backlog: 16 / none", ""},
		{"how much", func(r *Run) { r.Plan = json.RawMessage(`{"duration":"1s","trials":9,"knobs":{"backlog":"16"}}`) }, "", "plan trials: 3 / 9"},
		{"the machine", func(r *Run) { r.Environment.Kernel = "7" }, "kernel: 6 / 7", ""},
		{"the governor", func(r *Run) { r.Environment.Governor = "powersave" }, "governor: none / powersave", ""},
		{"a round trip", func(r *Run) { r.Environment.Hosts[0].RoundTripNS++ }, "", ""},
		{"a host's software", func(r *Run) { r.Environment.Hosts[0].Environment.Commit = "abc" }, "", ""},
		{"a host's address", func(r *Run) { r.Environment.Hosts[0].Address = "10.0.0.1" }, "hosts.a.address: none / 10.0.0.1", ""},
		{"a host's kernel", func(r *Run) { r.Environment.Hosts[0].Environment.Kernel = "7" }, "hosts.a.environment.kernel: none / 7", ""},
		{"other hosts", func(r *Run) {
			r.Environment.Hosts = append(r.Environment.Hosts, Member{Name: "b", Role: ClientRole}, Member{Name: "c", Role: ClientRole, Address: "10.0.0.1"})
		}, "hosts: server=a / server=a,clients=b+c", ""},
		{"no hosts", func(r *Run) { r.Environment.Hosts = nil }, "hosts: server=a / none", ""},
		{"a sysctl", func(r *Run) { r.Environment.Sysctls = map[string]string{} }, "sysctls.net.core.somaxconn: 4096 / none", ""},
		{"the software", func(r *Run) { r.Environment.Commit, r.Environment.Modules["x"] = "abc", "v2" }, "", "commit: none / abc; modules.x: v1 / v2"},
		{"Go's settings", func(r *Run) {
			r.Environment.GoSettings = GoSettings{Set: map[string]string{"GOGC": "50"}, InForce: map[string]string{"GOGC": "50", "GOMAXPROCS": "2"}}
		}, "", "go_settings.in_force.GOGC: none / 50; go_settings.in_force.GOMAXPROCS: none / 2; go_settings.set.GOGC: none / 50"},
		{"what bends the figures", func(r *Run) {
			r.Environment.Group, r.Environment.Warnings = &ControlGroup{MemoryBytes: 1 << 20}, []string{"--backlog 65535 comes to 128"}
		}, `control_group.memory_bytes: none / 1048576; warnings: none / ["--backlog 65535 comes to 128"]`, ""},
	}
	text := func(all []Difference) string {
		var parts []string
		for _, d := range all {
			parts = append(parts, d.String())
		}
		return strings.Join(parts, "; ")
	}
	for _, tt := range tests {
		before, after := run(func(*Run) {}), run(tt.change)
		serious, others := Differences(before, after)
		if text(serious) != tt.serious || text(others) != tt.others {
			t.Errorf("%s: %q, %q", tt.name, text(serious), text(others))
		}
		if same := before.SeriesKey() == after.SeriesKey(); same != (tt.serious == "") {
			t.Errorf("%s: the runs are of one series: %v", tt.name, same)
		}
	}
}
