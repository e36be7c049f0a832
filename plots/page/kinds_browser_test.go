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

	clients := func(row int) string { return results.Count(float64(c.Profiles[row].Capacity.Most)) }
	if got, want := b.columnOf("table-0", 1), "≥ 19.9k "+clients(1)+" "+clients(3)+" "+clients(4)+" 1 –"; got != want {
		t.Errorf("sorted by max clients: %s, want %s", got, want)
	}
	b.do(chromedp.Click(chromedp.CSS("#table-0 thead th:nth-child(2) button")))
	if got, want := b.columnOf("table-0", 1), "1 "+clients(4)+" "+clients(3)+" "+clients(1)+" ≥ 19.9k –"; got != want {
		t.Errorf("sorted the other way: %s, want %s", got, want)
	}
	b.do(chromedp.NavigateBack())
	b.do(chromedp.Click(chromedp.CSS(`#filters summary`)), chromedp.Click(chromedp.CSS(`#filters input[value="goroutine"]`)))
	if got := b.columnOf("table-0", 0); got != "thread select python-asyncio sequential python-threading" {
		t.Errorf("without goroutine: %s", got)
	}
	if got := b.text(`document.querySelector("#figures svg").getAttribute("viewBox")`); !strings.HasPrefix(got, "0 17 720 ") {
		t.Errorf("the first figure shows %s, want a row less", got)
	}
	b.opensLines("#table-0", "thread", trials)
	b.quiet()
}

// opensLines opens the first row of a name, and holds the links of its first trial against that.
func (b *browser) opensLines(table, name string, trials []results.Trial) {
	b.Helper()
	first := slices.IndexFunc(trials, func(t results.Trial) bool { return t.Model == name })
	b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`[...document.querySelectorAll(%q)].filter(o => o.innerText.endsWith(%q)).map(o => o.closest("tbody")).
		sort((a, b) => a.dataset.row - b.dataset.row)[0].querySelector(".open").click()`, table+" .open", name)))
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

// lineLink leads to a trial's line of trials.jsonl.
func lineLink(t *results.Trial) string {
	text := fmt.Sprintf("%%22trial%%22%%3A%d%%2C", t.Trial)
	if t.Attempt > 0 {
		text += fmt.Sprintf("%%22attempt%%22%%3A%d%%2C", t.Attempt)
	}
	return "trials.jsonl#:~:text=" + text
}

func TestTuneHTMLInABrowser(t *testing.T) {
	run, trials, tunings := tuned()
	b := browse(t, tuneHTML(t, run, trials, tunings), 1280, 900)

	b.do(chromedp.Click(chromedp.CSS("#table-0 thead th:nth-child(3) button")))
	if got := b.columnOf("table-0", 1); got != "4 KiB 16 KiB* 64 KiB 256 B" {
		t.Errorf("sorted by what ranks: %s", got)
	}
	b.do(chromedp.Click(chromedp.CSS("#table-0 thead th:nth-child(2) button")))
	if got := b.columnOf("table-0", 1); got != "256 B 4 KiB 16 KiB* 64 KiB" {
		t.Errorf("sorted by value: %s", got)
	}
	b.do(chromedp.Click(chromedp.CSS(`#filters summary`)), chromedp.Focus(chromedp.CSS(`#filters select[data-name="Knobs"]`)), chromedp.KeyEvent("backlog"))
	if got := b.text(`[...document.querySelectorAll("#table article:has(tbody[data-row]) h3")].filter(h => h.checkVisibility()).map(h => h.innerText).join("; ")`); got != "goroutine: backlog · 64 clients connect at once, up to 64 handshakes in flight" {
		t.Errorf("of backlog there are the tables %s", got)
	}
	b.do(chromedp.KeyEvent(kb.Home), chromedp.Click(chromedp.CSS(`#filters input[value="read-buffer=64KiB"]`)))
	if got := b.columnOf("table-1", 1); got != "4 KiB 16 KiB* 256 B" {
		t.Errorf("without 64 KiB: %s", got)
	}
	b.quiet()
}

func TestClaimsHTMLInABrowser(t *testing.T) {
	run, trials := browsed().run()
	b := browse(t, claimsHTML(t, run, trials, claimed()), 1280, 900)
	b.do(chromedp.Click(chromedp.CSS("#claim-2a .open")))
	if got, want := b.text(`[...document.querySelector(".detail tbody tr").cells].slice(0, 4).map(c => c.innerText).join("|")`), fmt.Sprintf("2|3|%s|1 client, 64 B", trials[2].Model); got != want {
		t.Errorf("the figure opens to %s, want %s", got, want)
	}
	want := lineLink(&trials[2]) + " " + trials[2].Histograms
	if got := b.text(`[...document.querySelectorAll(".detail tbody a")].map(a => a.getAttribute("href")).join(" ")`); got != want {
		t.Errorf("the figure's trial has the links %s, want %s", got, want)
	}
	b.quiet()
}

// sizes: a figure is seen as a whole, or in full size.
func (b *browser) sizes() {
	b.Helper()
	figures := func() string {
		return b.text(`[...document.querySelectorAll("figure:not([hidden]) .drawing")].map(d => d.scrollWidth > d.clientWidth ? "full" : "whole").join(" ")`)
	}
	small := figures()
	b.do(chromedp.Evaluate[chromedp.Void](`for (const box of document.querySelectorAll(".size input")) box.click()`))
	if full := figures(); strings.Contains(small, "full") || full != strings.ReplaceAll(small, "whole", "full") {
		b.Errorf("the figures are %s, and chosen in full size %s", small, full)
	}
	if box := b.text(`String(document.querySelector(".size")?.checkVisibility() ?? "none")`); (box == "none") != (small == "") || box == "false" {
		b.Errorf("the box for the size of figures is seen: %s", box)
	}
}

// No page is wider than a phone, whatever is open on it.
func TestHTMLOnAPhone(t *testing.T) {
	b := newBrowser(t, 390, 844)
	for kind, page := range pagesOf(t) {
		t.Run(kind, func(t *testing.T) {
			b := &browser{t, b.ctx, b.console, b.requests}
			b.open(page)
			b.do(chromedp.Evaluate[chromedp.Void](`for (const d of document.querySelectorAll("details")) d.open = true; for (const o of document.querySelectorAll(".open")) o.click()`))
			b.fits(390)
			if cut := b.text(`[...document.querySelectorAll("#answer .scroll")].filter(s => s.scrollWidth > s.clientWidth).map(s => s.ariaLabel).join("; ")`); cut != "" {
				t.Errorf("cut off: the rankings %s", cut)
			}
			b.sizes()
			b.fits(390)
			b.quiet()
		})
	}
}
