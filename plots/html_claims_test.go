package plots

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"connbench/results"
)

func claimsHTML(t *testing.T, run *results.Run, trials []results.Trial, claims []ClaimSection) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteClaimsHTML(&b, run, trials, claims, nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func claimed() []ClaimSection {
	return []ClaimSection{
		{"Stacks", "A thread reserves 8 MB.", "not decidable here", "Nobody knows.", nil},
		{"Backlog", "It bounds only the queue.", "confirmed", "It does.", []ClaimFigure{{"overflows", "0", []int{3}}, {"connected", "64", []int{1, 2, 3, 4, 5, 6, 7}}}},
		{"Threads", "They serve hundreds.", "refuted", "They serve <b>thousands</b>.", []ClaimFigure{{"clients", "8.1k", nil}}},
		{"Reuse", "It lets a server bind at once.", "confirmed", "It does.", nil},
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

func TestClaimsHTMLOfALineThatIsNot(t *testing.T) {
	run, trials := browsed().run()
	for _, n := range []int{0, len(trials) + 1} {
		claims := claimed()
		claims[1].Figures[0].Lines = []int{n}
		dir := t.TempDir()
		if _, err := SaveClaimsHTML(dir, run, trials, claims); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("line %d of trials.jsonl", n)) {
			t.Errorf("line %d: %v", n, err)
		}
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
	path, err := SaveClaimsHTML(dir, run, trials, claimed())
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
