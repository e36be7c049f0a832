package page

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"connbench/results"
	"connbench/results/read"

	"github.com/google/go-cmp/cmp"
)

func claimsHTML(t *testing.T, run *results.Run, trials []results.Trial, claims []read.Claim) string {
	t.Helper()
	return written(t, newClaimsPage(run, trials, claims))
}

func claimed() []read.Claim {
	rests := func(trials ...int) read.ClaimFigure {
		return read.ClaimFigure{Name: "connected", Value: 64, Unit: "clients", Note: "of 64", Trials: trials}
	}
	return []read.Claim{
		{ID: "1", Words: "A thread reserves 8 MB.", Outcome: read.Undecidable, Sentence: "Nobody knows.", Method: "Asked."},
		{ID: "2a", Words: "It bounds only the queue.", Outcome: read.Confirmed, Sentence: "It does.", Method: "Seen.", Figures: []read.ClaimFigure{rests(2), rests(0, 1, 2, 3, 4, 5, 6)}},
		{ID: "2b", Words: "They serve hundreds.", Outcome: read.Refuted, Sentence: "They serve <b>thousands</b>.", Method: "Seen.", Figures: []read.ClaimFigure{{Name: "most", Value: 8100, Unit: "clients"}}},
		{ID: "3", Words: "It lets a server bind at once.", Outcome: read.Confirmed, Sentence: "It does.", Method: "Tried."},
	}
}

func TestClaimsHTMLSays(t *testing.T) {
	run, trials := browsed().run()
	page := claimsHTML(t, run, trials, claimed())
	for _, s := range []string{
		"connbench: 4 claims",
		"Of 4 claims 2 are confirmed, 1 is refuted and 1 is not decidable here.",
		`class="finding outcome refuted" id="claim-2b"`, `<a href="#claim-2b">2b</a>`, "They serve &lt;b&gt;thousands",
		"connected: its figures rest on the 7 trials in full colour.",
	} {
		if !strings.Contains(page, s) {
			t.Errorf("the page does not say %q", s)
		}
	}
	for _, c := range claimed() {
		if !strings.Contains(page, "<h3>"+c.ID+". “") {
			t.Errorf("the page does not have claim %s", c.ID)
		}
	}
	if strings.Index(page, ">1</a>") < strings.Index(page, ">2b</a>") {
		t.Error("what is not decidable comes before what is refuted")
	}
}

func TestClaimsHTMLOfATrialThatIsNot(t *testing.T) {
	run, trials := browsed().run()
	claims := claimed()
	claims[1].Figures[0].Trials = []int{1000}
	if _, err := SaveClaims(t.TempDir(), run, trials, claims); err == nil || !strings.Contains(err.Error(), "claim 2a: connected: trial 1000 is not in trials.jsonl") {
		t.Error(err)
	}
}

// A figure rests on the line of the last attempt at its trial.
func TestClaimsHTMLNamesTheLastAttempts(t *testing.T) {
	run, _ := browsed().run()
	trials := []results.Trial{{Trial: 4}, {Trial: 5}, {Trial: 4, Attempt: 1}, {Trial: 6}}
	claims := claimed()[1:2]
	claims[0].Figures = claims[0].Figures[:1]
	claims[0].Figures[0].Trials = []int{6, 4}
	used := map[int]bool{}
	for _, b := range dataIn(t, claimsHTML(t, run, trials, claims)).Rows[0].Trials {
		used[b.Line] = b.Used
	}
	if diff := cmp.Diff(map[int]bool{1: false, 3: true, 4: true}, used); diff != "" {
		t.Error(diff)
	}
}

// The saved page links to the files that are there, and to no others.
func TestSaveHTMLLinksToItsFiles(t *testing.T) {
	run, trials := browsed().run()
	dir := t.TempDir()
	for _, name := range []string{"trials.jsonl", "run.json", "figures/p99.svg", "notes.txt"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	path, err := SaveClaims(dir, run, trials, claimed())
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, files, _ := strings.Cut(string(page), `<ul class="files">`)
	files, _, _ = strings.Cut(files, "</ul>")
	const want = `<li><a href="trials.jsonl">trials.jsonl</a></li><li><a href="run.json">run.json</a></li><li><a href="figures/p99.svg">figures/p99.svg</a></li>`
	if files != want {
		t.Errorf("the files are %s, want %s", files, want)
	}
}

func TestLogOf(t *testing.T) {
	for _, test := range []struct{ path, want string }{
		{"histograms/00001.hlog", "histograms/00001.hlog"},
		{"", ""},
		{"/etc/passwd", ""},
		{"histograms/../../x", ""},
		{"javascript:alert(1)", ""},
	} {
		if got := logOf(&results.Trial{Histograms: test.path}); got != test.want {
			t.Errorf("%q: %q, want %q", test.path, got, test.want)
		}
	}
}
