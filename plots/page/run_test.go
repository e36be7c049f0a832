package page

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"connbench/plots/figures"
	"connbench/plots/look"
	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// Nobody looks at the figures' PNGs here.
func TestMain(m *testing.M) {
	figures.DPI = 8
	os.Exit(m.Run())
}

// figuresOf are those of a run, as the command line draws them.
func figuresOf(t *testing.T, run *results.Run, trials []results.Trial) []look.Figure {
	t.Helper()
	points := stats.Summarize(trials, run.Models)
	return drawn(t)(figures.Drawer{Env: &run.Environment, Order: run.Models}.Run(&read.Reading{Points: points}, nil))
}

func drawn(t *testing.T) func([]look.Figure, error) []look.Figure {
	return func(all []look.Figure, err error) []look.Figure {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
}

func htmlOf(t *testing.T, run *results.Run, trials []results.Trial) string {
	t.Helper()
	return written(t, newRunPage(&read.Readings(run, trials)[0], run.Models, figuresOf(t, run, trials)), "figures/p99.svg")
}

func written(t *testing.T, p *page, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.write(&b, files); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var dataScript = regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`)

// dataIn is what the page's script is given.
func dataIn(t *testing.T, page string) (d data) {
	t.Helper()
	found := dataScript.FindStringSubmatch(page)
	if found == nil {
		t.Fatal("the page has no data")
	}
	if err := json.Unmarshal([]byte(found[1]), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestHTMLKeepsTextsAsTexts(t *testing.T) {
	run, trials := hostileRun()
	page := htmlOf(t, run, trials)
	if n := strings.Count(page, "<script"); n != 2 {
		t.Errorf("%d script elements, want the data and the page's own", n)
	}
	for _, bad := range []string{"<img", "alert(1)</script>", "<b>'"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page contains %q", bad)
		}
	}
	d := dataIn(t, page)
	for _, r := range d.Rows {
		if !slices.Contains(hostile, r.Key.Model) {
			t.Errorf("model %q is none of the run's", r.Key.Model)
		}
	}
}

// The largest runs that anybody makes still have a small page.
func TestHTMLOfManyTrials(t *testing.T) {
	run, trials := largest().run()
	page := htmlOf(t, run, trials)
	if n := len(page); n > 1000*len(trials) {
		t.Errorf("%d bytes for %d trials", n, len(trials))
	}
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), HTMLFile), []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestHTMLLoadsNothing(t *testing.T) {
	for kind, page := range pagesOf(t) {
		for _, match := range regexp.MustCompile(`(?i)(src|href|url|action|import)\s*[=(]\s*["']?([^"'\s>)]*)`).FindAllStringSubmatch(page, -1) {
			if to := match[2]; strings.Contains(to, "//") || strings.HasPrefix(strings.ToLower(match[1]), "src") {
				t.Errorf("the page of a %s refers to %s", kind, match[0])
			}
		}
		if !strings.Contains(page, "default-src &#39;none&#39;") {
			t.Errorf("the page of a %s has no policy against loading anything", kind)
		}
	}
}

// pagesOf has a page of each kind.
func pagesOf(t *testing.T) map[string]string {
	run, trials := browsed().run()
	tableRun, tableTrials, c := tabled()
	tuneRun, tuneTrials, tunings := tuned()
	longRun, longTrials := bulk{models: []string{"python-socketserver-threading", "sequential", "goroutine"}, clients: []int{10000}, payloads: []int{1 << 20}, trials: 7}.run()
	return map[string]string{
		"run":    htmlOf(t, run, trials),
		"table":  tableHTML(t, tableRun, tableTrials, c),
		"tune":   tuneHTML(t, tuneRun, tuneTrials, tunings),
		"claims": claimsHTML(t, run, trials, claimed()),
		"flames": flamed(t),
		"long":   htmlOf(t, longRun, longTrials),
		"choice": choiceHTML(t),
		"index":  written(t, newIndexPage(past(t), nil)),
	}
}

func TestHTMLOfRuns(t *testing.T) {
	small := bulk{models: []string{"goroutine", "reactor"}, clients: []int{1, 16}, payloads: []int{64}, trials: 6}
	few := small
	few.trials = 1
	failed := small
	failed.change = func(t *results.Trial) {
		*t = results.Trial{Trial: t.Trial, Model: t.Model, Network: t.Network, Framing: t.Framing, Loop: t.Loop, Clients: t.Clients, PayloadBytes: t.PayloadBytes, Failure: "did not start"}
	}
	open := small
	open.rates = []float64{1000, 5000}
	shared := small
	shared.change = func(t *results.Trial) { t.CPUsShared = true }
	for _, test := range []struct {
		name   string
		bulk   bulk
		said   []string
		silent []string
	}{
		{"small", small, []string{"Who differs in server CPU/req · 16 clients · 64 B", "reactor takes the least server CPU a request", "reactor takes the least server CPU a request at 2 of 2 points", "All 2 in tiers", "In words", "--exec &#39;mine=./server --listen {addr} it&#39;\\&#39;&#39;s&#39;"}, []string{"not complete", "No trial", "Not placed", "offered"}},
		{"few", few, []string{"No two of the 2 rows that are placed can be told apart by server CPU a request, nor is it known how far apart they are"}, []string{"takes the least"}},
		{"failed", failed, []string{"No trial came to figures", "No row is placed", "Not placed: goroutine and reactor, failed: did not start", "6 failed: did not start"}, []string{"Figures</h2>", "What the servers take", `href="#figures"`}},
		{"open", open, []string{"1k requests/s asked", "placed can be told apart by p99 latency", "Offered requests/s", "p99 service"}, nil},
		{"starved", bulk{models: []string{"sequential", "reactor"}, clients: []int{16}, payloads: []int{64}, trials: 6}, []string{"Only reactor of 2 is placed", "Not placed: sequential, no valid trial", results.Explain(results.Little)}, nil},
		{"empty", bulk{}, []string{"No trial came to figures"}, []string{"<tbody data-row"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			run, trials := test.bulk.run()
			page := htmlOf(t, run, trials)
			text, _, _ := strings.Cut(page, `<script type="application/json"`)
			for _, s := range test.said {
				if !strings.Contains(text, s) {
					t.Errorf("the page does not say %q", s)
				}
			}
			for _, s := range test.silent {
				if strings.Contains(text, s) {
					t.Errorf("the page says %q", s)
				}
			}
			dataIn(t, page)
		})
	}
}

func TestHTMLOfAnUnfinishedRun(t *testing.T) {
	run, trials := bulk{models: []string{"reactor"}, clients: []int{1}, payloads: []int{64}, trials: 6}.run()
	if page := htmlOf(t, run, trials[:4]); !strings.Contains(page, "This run is not complete: 4 of 6 trials.") {
		t.Error("the page does not say that trials are missing")
	}
}

func TestShellLine(t *testing.T) {
	for _, test := range []struct {
		words []string
		want  string
	}{
		{[]string{"bin/connbench", "run", "--clients", "1,64"}, "bin/connbench run --clients 1,64"},
		{[]string{"a", "", "b c"}, "a '' 'b c'"},
		{[]string{"it's", "$HOME", "~", "*"}, `'it'\''s' '$HOME' '~' '*'`},
	} {
		if got := shellLine(test.words); got != test.want {
			t.Errorf("%q: %s, want %s", test.words, got, test.want)
		}
	}
}
