package page

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestUseInABrowser(t *testing.T) {
	run, trials := browsed().run()
	page := htmlOf(t, run, trials)
	b := newBrowser(t, 1280, 900)
	for name, use := range map[string]func(*browser){"view": (*browser).keepsViews, "values": (*browser).saysValues, "copy": (*browser).copies, "print": (*browser).prints} {
		t.Run(name, func(t *testing.T) {
			b := &browser{t, b.ctx, b.console, b.requests}
			b.media("screen", "light")
			b.open(page)
			use(b)
		})
	}
}

// keepsViews: what is chosen narrows answer, tables and figures, and its address opens the same view again.
func (b *browser) keepsViews() {
	address := func() string { return b.text("location.search") }
	view := func() string {
		return b.text(`[
			[...document.querySelectorAll("#answer h3")].filter(h => h.checkVisibility()).map(h => h.textContent.match(/\d+ clients?/)[0]),
			[...document.querySelectorAll("#answer tbody")].filter(t => t.checkVisibility()).map(t => t.querySelector(".name").innerText),
			[...document.querySelectorAll("#figures svg")].flatMap(s => [...s.querySelectorAll(".mark")]).filter(m => m.style.display !== "none").map(m => JSON.parse(m.dataset.key)).map(k => k.Model + " " + k.Clients)
				.filter((s, i, all) => all.indexOf(s) === i),
		].map(all => all.join(", ")).join("; ")`)
	}
	whole := view()
	b.do(chromedp.Click(chromedp.CSS("#filters summary")), chromedp.Click(chromedp.CSS(`#filters input[value="goroutine"]`)),
		chromedp.Focus(chromedp.CSS(`#filters select[name="clients"]`)), chromedp.KeyEvent("16"))
	if b.text(`String(document.querySelector("#answer > article").checkVisibility())`) != "false" {
		b.Error("the sentence on all points is shown of one")
	}
	if got := view(); got != "16 clients; reactor, sequential; reactor 16, sequential 16" {
		b.Errorf("the page shows %s", got)
	}
	if got := address(); got != "?clients=16&without=goroutine" {
		b.Errorf("the address is %s", got)
	}
	b.do(chromedp.Click(chromedp.CSS("#table-0 thead th:nth-child(4) button")))
	sorted, chosen := b.column(3), view()
	if got := address(); got != "?clients=16&without=goroutine&sort=table-0.3.descending" {
		b.Errorf("the address is %s", got)
	}
	b.do(chromedp.Reload())
	if got := view(); got != chosen || b.column(3) != sorted {
		b.Errorf("opened again the page shows %s, %s, want %s, %s", got, b.column(3), chosen, sorted)
	}
	for range 4 { // typing 16 chooses 1 first
		b.do(chromedp.NavigateBack())
	}
	if got := view(); got != whole || address() != "" {
		b.Errorf("back at %q the page shows %s, want %s", address(), got, whole)
	}
	for len(b.requests) > 1 { // of the page alone, which was opened twice
		<-b.requests
	}
	b.quiet()
}

// saysValues: a figure is one stop of Tab; arrow keys, the pointer and a finger show the values of its marks.
func (b *browser) saysValues() {
	tip := func() string {
		return b.text(`document.getElementById("tip").hidden ? "" : document.getElementById("tip").innerText`)
	}

	b.do(chromedp.Focus(chromedp.CSS(".drawing")), chromedp.KeyEvent(kb.ArrowRight))
	first := tip()
	if !strings.Contains(first, "goroutine") || !strings.Contains(first, "clients, 64 B") || !strings.Contains(first, "req/s: ") || !strings.Contains(first, "95 % interval: ") {
		b.Errorf("the second mark says %q", first)
	}
	if said := b.text(`document.getElementById("said").textContent`); said != strings.ReplaceAll(first, "\n", ", ") {
		b.Errorf("%q is said of %q", said, first)
	}
	b.do(chromedp.KeyEvent(kb.ArrowDown))
	if got := tip(); strings.Contains(got, "goroutine") || !strings.Contains(got, "clients, 64 B") {
		b.Errorf("the next line says %q", got)
	}
	b.do(chromedp.KeyEvent(kb.Tab))
	if got := b.text(`document.activeElement.closest("figure")?.querySelector(".drawing") === document.activeElement ? "drawing" : document.activeElement.innerText`); got != "throughput.svg" {
		b.Errorf("after the first figure Tab comes to %s", got)
	}
	if got := tip(); got != "" {
		b.Errorf("left, the figure still says %q", got)
	}

	// The uppermost mark, and what is so far above it.
	above := func(by float64) (x, y float64) {
		found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]float64](`(m => { m.scrollIntoView({ block: "center" }); const b = m.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })(
			[...document.querySelector(".drawing").querySelectorAll(".mark")].sort((a, b) => a.getBoundingClientRect().y - b.getBoundingClientRect().y)[0])`))
		if err != nil {
			b.Fatal(err)
		}
		return found[0], found[1] - by
	}
	says := func(what, want string) {
		b.Helper()
		if got := tip(); !strings.HasPrefix(got, want) || want == "" && got != "" {
			b.Errorf("%s shows %q, want %q", what, got, want)
		}
	}
	const uppermost = "sequential\n16 clients, 64 B\n"
	x, y := above(10)
	b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y))
	says("the pointer near a mark", uppermost)
	x, y = above(30)
	b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y))
	says("the pointer far from all marks", "")
	for _, touch := range []input.DispatchTouchEventParams{
		{Type: input.DispatchTouchEventTypeTouchStart, TouchPoints: []*input.TouchPoint{{X: x, Y: y}}},
		{Type: input.DispatchTouchEventTypeTouchEnd, TouchPoints: []*input.TouchPoint{}},
	} {
		if _, err := chromedp.Call(b.ctx, input.DispatchTouchEvent, touch); err != nil {
			b.Fatal(err)
		}
	}
	says("a finger beside a mark", uppermost)
	b.quiet()
}

// copies: a table is copied as it is seen, or where there is no clipboard put where it can be.
func (b *browser) copies() {
	b.do(chromedp.Evaluate[chromedp.Void](`void Object.defineProperty(navigator, "clipboard", { configurable: true, value: { writeText: async s => { window.copied = s } } })`),
		chromedp.Click(chromedp.CSS("#filters summary")), chromedp.Click(chromedp.CSS(`#filters input[value="goroutine"]`)))
	copied := func(button, from string) []string {
		b.Helper()
		b.do(chromedp.Click(chromedp.CSS("#table .copy button:nth-of-type(" + button + ")")))
		return strings.Split(strings.TrimSpace(b.text(from)), "\n")
	}
	lines := copied("1", "window.copied")
	if len(lines) != 6 || !strings.HasPrefix(lines[0], "| tier | clients | model | req/s |") || !strings.HasPrefix(lines[1], "| ---: | ---: | :--- | ---: |") ||
		!strings.HasPrefix(lines[2], "| 1 | 1 | reactor | ") || !strings.HasPrefix(lines[5], "| – | 16 | ! sequential | ") {
		b.Errorf("copied as Markdown:\n%s", strings.Join(lines, "\n"))
	}
	if said := b.text(`document.querySelector("#table .copy [role=status]").textContent`); said != "Copied: 4 rows." {
		b.Errorf("the page says %q", said)
	}
	b.do(chromedp.Evaluate[chromedp.Void](`void Object.defineProperty(navigator, "clipboard", { value: undefined })`))
	lines = copied("2", `getSelection().toString() || document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)`)
	read, err := csv.NewReader(strings.NewReader(strings.Join(lines, "\n"))).ReadAll()
	if err != nil || len(read) != 5 {
		b.Fatalf("copied as CSV (%v):\n%s", err, strings.Join(lines, "\n"))
	}
	if got, want := strings.Join(read[0][:6], " "), "tier clients model throughput_rps throughput_rps_low throughput_rps_high"; got != want {
		b.Errorf("the CSV's columns are %s, want %s", got, want)
	}
	row := b.text(`(r => [r[3].dataset.v, r[3].dataset.low, r[3].dataset.high].join(" "))([...document.querySelectorAll("#table-0 > tbody")].filter(t => !t.hidden)[0].rows[0].cells)`)
	if got := strings.Join(read[1][3:6], " "); got != row || read[1][2] != "reactor" || strings.Count(row, ".") != 3 {
		b.Errorf("the first row has %s of %s, want %s", got, read[1][2], row)
	}
	if p99 := slices.Index(read[0], "response_latency_ns.p99"); read[4][p99] != "inf" {
		b.Errorf("the p99 that never came is %q", read[4][p99])
	}
	b.quiet()
}

// prints: paper has no filters, but says what was left out.
func (b *browser) prints() {
	shown := func() string {
		return b.text(`["#filters summary", "#filters select", "#clear", "nav", ".machine"].filter(s => document.querySelector(s)?.checkVisibility()).join(" ")`)
	}
	b.do(chromedp.Click(chromedp.CSS("#filters summary")))
	b.media("print", "light")
	if got := shown(); got != "" {
		b.Errorf("paper has %s", got)
	}
	b.media("screen", "light")
	b.do(chromedp.Click(chromedp.CSS(`#filters input[value="goroutine"]`)))
	b.media("print", "light")
	if got := shown(); got != "#filters summary" {
		b.Errorf("paper on some rows has %s", got)
	}
	b.quiet()
}
