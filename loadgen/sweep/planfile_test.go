package sweep

import (
	"iter"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReadPlan(t *testing.T) {
	const file = `
# all there is
models: [a, b]
network: unix
framing: raw
work: echo
max-frame: 2MiB
clients: [1, 64]
payloads: [1, 64B, 4KiB]
rates: [100, 2.5e3]
arrivals: constant
pipeline: 8
trials: 5
warmup: 0s
duration: 1.5s
timeout: 250ms
seed: 18446744073709551615
server-cpus: 0,2-3
client-cpus: "1"
`
	got := DefaultPlan([]string{"c"})
	if err := got.ReadPlan(strings.NewReader(file), "p.yaml"); err != nil {
		t.Fatal(err)
	}
	want := DefaultPlan([]string{"a", "b"})
	want.Network, want.Framing, want.MaxFrame = "unix", "raw", 2<<20
	want.Clients, want.Payloads = []int{1, 64}, Sizes(1, 64, 4096)
	want.Rates, want.Arrivals, want.Pipeline = Rates(100, 2500), "constant", 8
	want.Trials, want.Warmup = 5, 0
	want.Duration, want.Timeout = Duration(1500*time.Millisecond), Duration(250*time.Millisecond)
	want.Seed, want.ServerCPUs, want.ClientCPUs = 1<<64-1, "0,2-3", "1"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What a file leaves out stays as it is.
func TestReadPlanLeavesTheRest(t *testing.T) {
	for _, file := range []string{"", "\n# nothing\n", "---\n", "{}\n"} {
		got, want := DefaultPlan([]string{"a"}), DefaultPlan([]string{"a"})
		if err := got.ReadPlan(strings.NewReader(file), "p.yaml"); err != nil {
			t.Errorf("%q: %v", file, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", file, diff)
		}
	}
	got := DefaultPlan([]string{"a"})
	if err := got.ReadPlan(strings.NewReader("trials: 9"), "p.yaml"); err != nil || got.Trials != 9 || len(got.Clients) == 0 {
		t.Error(got, err)
	}
}

func TestReadPlanRefuses(t *testing.T) {
	for _, row := range []struct{ name, file, want string }{
		{"unknown key", "trials: 1\nbogus: 3\n", `p.yaml:2: unknown key "bogus"`},
		{"not by the Go name", "MaxFrame: 1KiB\n", `p.yaml:1: unknown key "MaxFrame"`},
		{"key twice", "trials: 1\ntrials: 2\n", `p.yaml:2: mapping key "trials" already defined at line 1`},
		{"number", "trials: many\n", `p.yaml:1: "many" is not a whole number`},
		{"negative seed", "seed: -1\n", `p.yaml:1: "-1" is not a whole number, at least 0`},
		{"list of numbers", "\nclients: 3\n", `p.yaml:2: "3" is not a list like [1, 16]`},
		{"member of a list", "clients:\n- 1\n- x\n", `p.yaml:3: "x" is not a whole number`},
		{"map for a list", "payloads: {a: 1B}\n", `p.yaml:1: a map is not a list like [64B, 4KiB]`},
		{"list for a text", "network: [tcp]\n", `p.yaml:1: a list is not a text`},
		{"size", "payloads: [1KB]\n", `p.yaml:1: "1KB" is not a size (write 64B, 4KiB, 1MiB; up to 1GiB)`},
		{"duration", "\n\nwarmup: 5\n", `p.yaml:3: "5" is not a duration (write 1.5s, 200ms)`},
		{"several", "trials: x\nbogus: 1\n", `p.yaml:1: "x" is not a whole number; p.yaml:2: unknown key "bogus"`},
		{"fraction", "seed: 3\ntrials: 2.9\n", `p.yaml:2: "2.9" is not a whole number`},
		{"fraction in a list", "clients: [1, 2.5]\n", `p.yaml:1: "2.5" is not a whole number`},
		{"fraction elsewhere", "retries: &n 0.5\npipeline: *n\n", `p.yaml:1: "0.5" is not a whole number; p.yaml:1: "0.5" is not`},
		{"fraction of a seed", "seed: 1.5\n", `p.yaml:1: "1.5" is not a whole number`},
		{"minus infinity", "trials: -.inf\n", `p.yaml:1: "-.inf" is not a whole number`},
		{"no number", "trials: .nan\n", `p.yaml:1: ".nan" is not a whole number`},
		{"second document", "trials: 9\n---\ntrials: 8\n", `p.yaml:2: a second document`},
		{"rate", "rates: [x]\n", `p.yaml:1: "x" is not a rate (write 5000, a ramp as 1000..20000/10s, or either with spikes, as 5000,spike=50000@3s+1s)`},
		{"rates", "rates: 5\n", `p.yaml:1: "5" is not a list like [100, 2.5e3]`},
		{"share", "active: half\n", `p.yaml:1: "half" is not a number`},
		{"arrivals", "arrivals: [poisson]\n", `p.yaml:1: a list is not constant or poisson`},
		{"client-io", "client-io: {a: b}\n", `p.yaml:1: a map is not auto or epoll`},
		{"precision", "\nprecision: few\n", `p.yaml:2: "few" is not a percentage (write 5%, 2.5%)`},
		{"precisions", "\nprecision: [5%]\n", `p.yaml:2: "" is not a percentage (write 5%, 2.5%)`},
		{"endless", strings.Repeat("#\n", 1<<20), `p.yaml: longer than the 1 MiB`},
		{"no map", "- goroutine\n", `p.yaml:1: a list is not a plan, which is lines of key: value`},
		{"text", "goroutine\n", `p.yaml:1: "goroutine" is not a plan, which is lines of key: value`},
		{"syntax", "models: [a\n", `p.yaml:1: did not find expected ',' or ']'`},
		{"no text at all", "\xff\xfe\xff", `p.yaml: `},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := DefaultPlan([]string{"a"})
			err := p.ReadPlan(strings.NewReader(row.file), "p.yaml")
			if err == nil || !strings.HasPrefix(err.Error(), row.want) {
				t.Errorf("got  %v\nwant %s", err, row.want)
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %q", err)
			}
		})
	}
}

// No error speaks of Go's types, whatever stands where something else is to stand.
func TestReadPlanSpeaksPlainly(t *testing.T) {
	jargon := regexp.MustCompile(`[a-z]*(int|float)[0-9]+|sweep|loadgen|unmarshal|!!|\[\]`)
	for f := range planKeys(reflect.TypeFor[Plan]()) {
		for _, value := range []string{"[]", "[x]", "[[1]]", "{}", "{a: b}", "{a: [b]}", "x", "1", "1.5", "-1", "true", ".nan", "1e400", "~", "2026-01-01"} {
			p := DefaultPlan([]string{"a"})
			err := p.ReadPlan(strings.NewReader(f+": "+value+"\n"), "p.yaml")
			if err != nil && (jargon.MatchString(err.Error()) || !strings.HasPrefix(err.Error(), "p.yaml:1: ")) {
				t.Errorf("%s: %s: %v", f, value, err)
			}
		}
	}
}

// planKeys are the keys of a plan.
func planKeys(of reflect.Type) iter.Seq[string] {
	return func(yield func(string) bool) {
		for f := range of.Fields() {
			if f.Anonymous {
				planKeys(f.Type)(yield)
			} else if !yield(f.Tag.Get("yaml")) {
				return
			}
		}
	}
}

func FuzzReadPlan(f *testing.F) {
	f.Add("models: [a]\nclients: [1]\npayloads: [64B]\nwarmup: 1s\n")
	f.Add("bogus: 1\n- x")
	f.Fuzz(func(t *testing.T, file string) {
		p := DefaultPlan([]string{"a"})
		if err := p.ReadPlan(strings.NewReader(file), "p.yaml"); err != nil && !strings.HasPrefix(err.Error(), "p.yaml:") {
			t.Errorf("an error without its place: %v", err)
		}
	})
}
