package page

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"connbench/results"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
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
	b.opensLines("#profiles", "thread", trials)
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
	b.quiet()
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
