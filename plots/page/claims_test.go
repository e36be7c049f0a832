package page

import (
	"fmt"
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
	p, err := newClaimsPage(run, trials, claims)
	if err != nil {
		t.Fatal(err)
	}
	return written(t, p, claimsKind)
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
		"2 confirmed, 1 refuted, 1 not decidable here",
		`class="claim refuted"`, "They serve &lt;b&gt;thousands",
		"7 lines of trials.jsonl",
		fmt.Sprintf(`href="trials.jsonl#:~:text=%%22trial%%22%%3A%d%%2C"`, trials[2].Trial),
		`href="` + trials[2].Histograms + `"`,
	} {
		if !strings.Contains(page, s) {
			t.Errorf("the page does not say %q", s)
		}
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

// A figure's line is that of the last attempt at its trial.
func TestLinesByTrial(t *testing.T) {
	trials := []results.Trial{{Trial: 4}, {Trial: 5}, {Trial: 4, Attempt: 1}, {Trial: 6}}
	if diff := cmp.Diff(map[int]int{4: 2, 5: 1, 6: 3}, linesByTrial(trials)); diff != "" {
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
