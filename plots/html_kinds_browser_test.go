package plots

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"


	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

func TestTableHTMLInABrowser(t *testing.T) {
	run, trials, c := tabled()
	b := browse(t, tableHTML(t, run, trials, c), 1280, 900)

	b.do(chromedp.Click(chromedp.CSS("#profiles thead th:nth-child(2) button")))
	if got := b.columnOf("profiles", 1); got != "19.9k 8.1k 2.4k 700 1 –" {
		t.Errorf("sorted by max clients: %s", got)
	}
	b.do(chromedp.Click(chromedp.CSS(`#filters input[value="goroutine"]`)))
	if got := b.columnOf("profiles", 0); got != "thread select python-asyncio sequential python-threading" {
		t.Errorf("without goroutine: %s", got)
	}
	if n := b.text(`String(document.querySelectorAll("#charts .dot[aria-label^=goroutine]").length)`); n != "0" {
		t.Errorf("without goroutine the charts have %s marks of it", n)
	}
	b.opensLines("#profiles", "thread", trials)

	b.do(chromedp.Focus(chromedp.CSS(`figure .dot[aria-label^="thread"]`)), chromedp.WaitVisible(chromedp.ID("tip")))
	kept := slices.IndexFunc(trials, func(t results.Trial) bool { return t.Model == "thread" && t.Clients == 8100 }) + 2
	want := fmt.Sprintf("thread|8100 clients|bound by latency at 8.4k|4 probes of capacity|kept in line %d of trials.jsonl|the tutorial says “hundreds”", kept)
	if got := b.tip(); got != want {
		t.Errorf("the mark says %s, want %s", got, want)
	}
	b.do(chromedp.KeyEvent(kb.Escape), chromedp.WaitNotVisible(chromedp.ID("tip")))
	b.quiet()
}

// opensLines opens the first row of a name, and holds the links of its first trial against that.
func (b *browser) opensLines(table, name string, trials []results.Trial) {
	b.Helper()
	first := slices.IndexFunc(trials, func(t results.Trial) bool { return t.Model == name })
	b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`[...document.querySelectorAll(%q)].filter(o => o.innerText.endsWith(%q)).map(o => o.closest("tbody")).
		sort((a, b) => a.dataset.point - b.dataset.point)[0].querySelector(".open").click()`, table+" .open", name)))
	var links []string
	if err := json.Unmarshal([]byte(b.text(`JSON.stringify([...document.querySelector(".detail tbody tr").querySelectorAll("a")].map(a => a.innerText + " " + a.getAttribute("href")))`)), &links); err != nil {
		b.Fatal(err)
	}
	t := &trials[first]
	want := []string{fmt.Sprintf("%d %s", first+1, lineLink(t)), "hlog " + t.Histograms}
	if !slices.Equal(links, want) {
		b.Errorf("the first trial of %s has the links %q, want %q", name, links, want)
	}
}

func TestTuneHTMLInABrowser(t *testing.T) {
	run, trials, tunings := tuned()
	b := browse(t, tuneHTML(t, run, trials, tunings), 1280, 900)

	b.do(chromedp.Click(chromedp.CSS("#point-0-0 thead th:nth-child(2) button")))
	if got := b.columnOf("point-0-0", 0); got != "4 KiB 16 KiB 64 KiB 256 B" {
		t.Errorf("sorted by what ranks: %s", got)
	}
	b.do(chromedp.Click(chromedp.CSS("#point-0-0 thead th:nth-child(1) button")))
	if got := b.columnOf("point-0-0", 0); got != "256 B 4 KiB 16 KiB 64 KiB" {
		t.Errorf("sorted by value: %s", got)
	}
	b.do(chromedp.Focus(chromedp.CSS(`#filters select[data-name="knob"]`)), chromedp.KeyEvent("backlog"))
	if got := b.text(`[...document.querySelectorAll(".filtered h3")].filter(h => h.checkVisibility()).map(h => h.innerText).join("; ")`); got != "backlog at 64 clients at once, up to 64 handshakes in flight" {
		t.Errorf("of backlog there are the tables %s", got)
	}
	b.do(chromedp.KeyEvent(kb.Home), chromedp.Click(chromedp.CSS(`#filters input[value="read-buffer=64KiB"]`)))
	if got := b.columnOf("point-0-1", 0); got != "256 B 4 KiB 16 KiB" {
		t.Errorf("without 64 KiB: %s", got)
	}
	b.walksTheMap(tunings[0])
	b.quiet()
}

// walksTheMap goes with arrow keys to the second value at the second point.
func (b *browser) walksTheMap(t *read.Tuning) {
	b.Helper()
	b.do(chromedp.Focus(chromedp.CSS(`.heat td[tabindex="0"]`)), chromedp.WaitVisible(chromedp.ID("tip")))
	b.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowRight))
	p := &t.Points[1]
	s := &p.Standings[slices.IndexFunc(p.Standings, func(s stats.Standing) bool { return s.Model == "read-buffer=4KiB" })]
	want := fmt.Sprintf("read-buffer 4 KiB|at 16 clients, 4 KiB|server CPU/req: %s|95 %% interval of the median: %s|place 1: it may be the best|median over lines ",
		results.Nanos(s.Value.Estimate), bounds(t.Metric, s.Value))
	if got := b.tip(); !strings.HasPrefix(got, want) {
		b.Errorf("the map says %s, want %s", got, want)
	}
	b.do(chromedp.KeyEvent(kb.Escape), chromedp.WaitNotVisible(chromedp.ID("tip")))
}

func TestClaimsHTMLInABrowser(t *testing.T) {
	run, trials := browsed().run()
	b := browse(t, claimsHTML(t, run, trials, claimed()), 1280, 900)
	b.do(chromedp.Focus(chromedp.CSS(".claim a")), chromedp.WaitVisible(chromedp.ID("tip")))
	if got := b.tip(); !strings.HasPrefix(got, trials[2].Model+", 1 client, 64 B|") {
		t.Errorf("the line's link says %s", got)
	}
	b.quiet()
}

// No page is wider than a phone, whatever is open on it.
func TestHTMLOnAPhone(t *testing.T) {
	for kind, page := range pagesOf(t) {
		t.Run(string(kind), func(t *testing.T) {
			b := browse(t, page, 390, 844)
			b.do(chromedp.Evaluate[chromedp.Void](`for (const d of document.querySelectorAll("details")) d.open = true; for (const o of document.querySelectorAll(".open")) o.click()`))
			b.fits(390)
			b.quiet()
		})
	}
}
