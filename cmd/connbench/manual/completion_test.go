package manual

import (
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// grammar is a command line of all that there is in ours.
type grammar struct {
	Run struct {
		Models  []string `placeholder:"NAME"`
		Framing string
		Clients int
		JSON    bool `short:"j"`
		Secret  bool `hidden:""`
	} `cmd:""`
	Serve struct {
		Model string `arg:""`
		Addr  string
	} `cmd:""`
	Hosts struct {
		List struct{} `cmd:""`
		Keys struct{} `cmd:""`
	} `cmd:""`
	Completion Completion `cmd:""`
	Hidden     struct{}   `cmd:"" hidden:""`
}

func model(t *testing.T) *kong.Application {
	t.Helper()
	parser, err := kong.New(&grammar{}, kong.Name("program"))
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model
}

func TestCandidates(t *testing.T) {
	values := func(name string) []string {
		return map[string][]string{"models": {"pool", "poll", "uring"}, "model": {"pool", "uring"}, "framing": {"raw", "resp", "http"}}[name]
	}
	for _, row := range []struct {
		line string // words between bars, the last of which is completed
		want string
	}{
		{"", "run serve hosts completion"},
		{"s", "serve"},
		{"bogus", ""},
		{"run|-", "--help --models --framing --clients --json"},
		{"run|--f", "--framing"},
		{"run|--framing|r", "raw resp"},
		{"run|--framing=r", "--framing=raw --framing=resp"},
		{"run|--framing|=", "=raw =resp =http"},
		{"run|--framing|=|h", "http"},
		{"run|--models|po", "pool poll"},
		{"run|--models|uring,pol", "uring,poll"},
		{"run|--models=uring,po", "--models=uring,pool --models=uring,poll"},
		{"run|--clients|", ""},
		{"run|--clients|5|--fr", "--framing"},
		{"run|--json|--fr", "--framing"},
		{"run|--json=", "--json=true --json=false"},
		{"run|--framing=raw|--cl", "--clients"},
		{"run|-j|--cl", "--clients"},
		{"run|--bogus|--cl", "--clients"},
		{"run|--bogus=", ""},
		{"run|--|--f", ""},
		{"serve|", "pool uring"},
		{"serve|pool|", ""},
		{"serve|--addr|x|u", "uring"},
		{"hosts|", "list keys"},
		{"hosts|list|--h", "--help"},
		{"completion|", "bash zsh fish"},
	} {
		if got := strings.Join(Candidates(model(t), strings.Split(row.line, "|"), values), " "); got != row.want {
			t.Errorf("%q: %q, want %q", row.line, got, row.want)
		}
	}
	if got := Candidates(model(t), nil, values); len(got) != 4 {
		t.Errorf("of nothing: %q", got)
	}
}

// FuzzCandidates: whatever stands in a line, what is offered goes on with its last word.
func FuzzCandidates(f *testing.F) {
	f.Add("run|--framing=|=|-|--|a,b")
	f.Fuzz(func(t *testing.T, line string) {
		words := strings.Split(line, "|")
		for _, got := range Candidates(model(t), words, func(string) []string { return []string{"one", "two"} }) {
			if !strings.HasPrefix(got, words[len(words)-1]) {
				t.Errorf("%q: %q", words, got)
			}
		}
	})
}

func TestScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		var b strings.Builder
		if err := (Completion{shell}).Run(&b); err != nil || !strings.Contains(b.String(), "complete -- ") {
			t.Errorf("%s: %v, %q", shell, err, b.String())
		}
	}
}

func TestBuild(t *testing.T) {
	for _, row := range []struct {
		build Build
		want  string
	}{
		{Build{Go: "go1.26", OS: "linux", Arch: "arm64"}, "connbench (devel), commit not known, go1.26 linux/arm64"},
		{Build{Version: "v1.2.3", Commit: "abc+modified", Time: "2026-11-29T00:00:00Z", Binary: "0123", Tags: "hosts", Go: "go1.26", OS: "linux", Arch: "arm64"},
			"connbench v1.2.3, commit abc+modified 2026-11-29T00:00:00Z, build 0123, tags hosts, go1.26 linux/arm64"},
	} {
		if got := row.build.String(); got != row.want {
			t.Errorf("%q, want %q", got, row.want)
		}
	}
	if b := BuildOf("abc", "0123"); b.Commit != "abc" || b.Binary != "0123" || !strings.HasPrefix(b.Go, "go") || slices.Contains([]string{b.OS, b.Arch}, "") {
		t.Errorf("%+v", b)
	}
}

// Each command has examples, and no other.
func TestAddExamples(t *testing.T) {
	app := model(t)
	AddExamples(app)
	for _, leaf := range app.Leaves(true) {
		if want := "\tprogram " + path(leaf); !strings.Contains(leaf.Detail, want) {
			t.Errorf("%s: %q", path(leaf), leaf.Detail)
		}
	}
}
