package results

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What no trial has is an error with its place and the name of the field.
func TestOpenRefusesWhatNoTrialHas(t *testing.T) {
	dir := store(t)
	path := filepath.Join(dir, trialsFile)
	for field, values := range map[string][]string{
		"trial":               {"-5", "9223372036854775807"},
		"attempt":             {"-1", "9223372036854775807"},
		"block":               {"-1"},
		"clients":             {"-1", "9223372036854775807"},
		"clients_active":      {"-3"},
		"clients_served":      {"-3"},
		"payload_bytes":       {"-1", "9223372036854775807"},
		"pipeline":            {"-1"},
		"rate_rps":            {"-1", "1e18", "1e400"},
		"duration_ns":         {"-1"},
		"requests":            {"-1", "9223372036854775807"},
		"throughput_rps":      {"-1", "1e300"},
		"fairness_jain":       {"-1", "2"},
		"response_latency_ns": {`{"p99":-1}`, `{"p50":1e300}`},
		"connect_latency_ns":  {`{"max":-1}`},
		"split_ns":            {`{"server":{"p50":-1}}`},
		"client":              {`{"threads":-1}`, `{"window_rps":[1,-1]}`, `{"io":"\u001b[2J"}`},
		"errors":              {`{"reset":-1}`, `{"=1+1":1}`, `{"a\nb":1}`},
		"datagrams":           {`{"lost":-1}`},
		"steal_fraction":      {"-1"},
		"server_rss_bytes":    {"-1"},
		"kernel":              {`{"udp_drops":1e18}`},

		"server_cpu_fraction":    {"-1"},
		"server_killed_after_ns": {"-1"},
		"server_counters":        {`{"accepted":-1}`, `{"backoff":1e18}`},
		"noise":                  {`{"restless_fraction":-1}`},
		"control_group":          {`{"oom_kills":-1}`, `{"pids_refused":-1}`, `{"memory_limit_bytes":-1}`, `{"pids_max":-1}`},
		"model":                  {`"a\nb"`, `"<b>"`, `"=1+1"`, `"a b"`, `"\u001b[2J"`, `"a,b"`, `"@a"`, `"+a"`, `7`},
		"network":                {`"ipx"`},
		"framing":                {`"xml"`},
		"loop":                   {`"round"`},
		"arrivals":               {`"never"`},
		"rate_profile":           {`"1..2/3s\n"`, `"<b>"`, `"=\u202e"`, `7`},
		"payload_mix":            {`"64B"`, `"64B*9+"`, `"<b>"`, `"64B*9 "`, `64`},
		"sizes":                  {`[{"payload_bytes":-1}]`, `[{"requests":-1}]`, `[{"unanswered":1e18}]`, `[{"response_latency_ns":{"p99":-1}}]`},
		"series": {
			`{}`, `{"part_ns":0}`, `{"part_ns":-1}`, `{"part_ns":1e300}`, `{"part_ns":1,"parts":[{"asked_rps":-1}]}`, `{"part_ns":1,"parts":[{"answered_rps":1e300}]}`,
			`{"part_ns":1,"parts":[{"response_latency_ns":{"p99":-1}}]}`, `{"part_ns":1,"spikes":[{"at_ns":-1}]}`, `{"part_ns":1,"spikes":[{"for_ns":1e19}]}`,
			`{"part_ns":1,"spikes":[{"rate_rps":-1}]}`, `{"part_ns":1,"spikes":[{"recovery_ns":-1}]}`, `{"part_ns":1,"spikes":[{"p99_before_ns":-1}]}`,
		},
		"probe":    {`"deep"`},
		"work":     {`"dance"`, `"cpu:\n"`},
		"knobs":    {`"a=\u001b"`, `"<b>"`},
		"verdicts": {`["<b>"]`, `["=1"]`, `[""]`},
		"histograms": {
			`"/dev/zero"`, `"../../secret"`, `"histograms/../run.json"`, `"histograms/../../x"`, `"run.json"`, `"histograms/."`, `"histograms/a/b"`,
		},
	} {
		for _, value := range values {
			t.Run(field+value, func(t *testing.T) {
				line, err := json.Marshal(map[string]json.RawMessage{"trial": []byte("7"), field: []byte(value)})
				if err != nil {
					t.Fatal(err)
				}
				os.WriteFile(path, append([]byte("{}\n"), append(line, '\n')...), 0o644)
				_, _, _, err = Open(dir)
				if err == nil || !strings.Contains(err.Error(), "trials.jsonl:2: ") || !strings.Contains(err.Error(), field) {
					t.Errorf("got %v", err)
				}
			})
		}
	}
}

func TestOpenRefusesATrialStoredTwice(t *testing.T) {
	dir := store(t)
	path := filepath.Join(dir, trialsFile)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(path, append(b, b...), 0o644)
	const want = "trials.jsonl:3: trial 0, attempt 0, is on line 1 already"
	if _, _, _, err := Open(dir); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q in it", err, want)
	}
	if _, _, _, err := Reopen(dir); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("reopened: %v, want %q in it", err, want)
	}
}

func TestOpenRefusesWhatNoRunHas(t *testing.T) {
	dir := store(t)
	for _, members := range []string{
		`"kind":"party"`, `"models":["a\nb"]`, `"models":["<b>"]`, `"trials":-1`, `"trials":9223372036854775807`,
		`"environment":{"kernel":"\u001b[2J"}`, `"environment":{"sysctls":{"a":"b\nc"}}`, `"environment":{"cores":9223372036854775807}`,
	} {
		os.WriteFile(filepath.Join(dir, runFile), []byte(`{"version":1,`+members+`}`), 0o644)
		if _, _, _, err := Open(dir); err == nil || !strings.Contains(err.Error(), runFile+": ") || !strings.Contains(err.Error(), "is not allowed") {
			t.Errorf("%s: got %v", members, err)
		}
	}
}

// A failure holds what a server has said, which is anything.
func TestFailureIsCleaned(t *testing.T) {
	dir := store(t)
	os.WriteFile(filepath.Join(dir, trialsFile), []byte(`{"trial":1,"failure":"it said\n\u001b[2J\u202e\u0007x"}`+"\n"), 0o644)
	_, trials, _, err := Open(dir)
	if err != nil || trials[0].Failure != "it said\n\uFFFD[2J\uFFFD\uFFFDx" {
		t.Errorf("%+v, %v", trials, err)
	}
	s, err := Create(filepath.Join(t.TempDir(), "run"), storedRun())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	trial := Trial{Failure: "it said \x1b[2J"}
	if err := s.Append(&trial, nil); err != nil || trial.Failure != "it said \uFFFD[2J" {
		t.Errorf("stored as %q, %v", trial.Failure, err)
	}
}

func TestOpenBoundsALine(t *testing.T) {
	dir := store(t)
	if err := os.Truncate(filepath.Join(dir, trialsFile), 1<<36); err != nil {
		t.Skip(err)
	}
	if _, _, _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "trials.jsonl:3: ") {
		t.Errorf("got %v", err)
	}
}
