package page

import (
	"fmt"
	"strings"
	"testing"

	"connbench/plots/flame"
	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/pprof/profile"
)

// profiled is a profile of functions that main calls, and the milliseconds of each.
func profiled(milliseconds map[string]int64) *profile.Profile {
	p := &profile.Profile{SampleType: []*profile.ValueType{{Type: "cpu", Unit: "nanoseconds"}}}
	location := func(name string) *profile.Location {
		f := &profile.Function{ID: uint64(len(p.Function) + 1), Name: name}
		l := &profile.Location{ID: f.ID, Line: []profile.Line{{Function: f}}}
		p.Function, p.Location = append(p.Function, f), append(p.Location, l)
		return l
	}
	start := location("main")
	for name, n := range milliseconds {
		p.Sample = append(p.Sample, &profile.Sample{Location: []*profile.Location{location(name), start}, Value: []int64{n * 1e6}})
	}
	return p
}

// flamed is a report with where the time of two rows goes by 16 clients, with their flame graphs, and of one
// by 1.
func flamed(t *testing.T) string {
	run, trials := browsed().run()
	r := &read.Readings(run, trials)[0]
	for _, of := range []results.Key{{Model: "reactor", Clients: 1}, {Model: "reactor", Clients: 16}, {Model: "goroutine", Clients: 16}} {
		p := results.Find(r.Points, func(p *stats.Point) bool { return p.Model == of.Model && p.Clients == of.Clients })
		r.Splits = append(r.Splits, read.Split{Key: p.Key, CPU: 5000, Parts: []read.Share{{Part: "read", NS: 3000}}})
	}
	var flames []Flame
	for i, p := range []*profile.Profile{profiled(map[string]int64{"read": 500, "write": 300, hostile[0]: 200}), profiled(map[string]int64{"epoll_wait": 100, "tcp_sendmsg": 300})} {
		title := fmt.Sprintf("row %d <b>", i)
		graph, err := flame.Fragment(p, title)
		if err != nil {
			t.Fatal(err)
		}
		flames = append(flames, Flame{Key: r.Splits[i+1].Key, Title: title, Graph: graph})
	}
	return written(t, newRunPage(r, run.Models, nil, flames...))
}

func TestFlamesHTML(t *testing.T) {
	page := flamed(t)
	for _, want := range []string{`<a href="#flames">Flame graphs</a>`, " open>\n<summary>row 0 &lt;b&gt;</summary>", "\">\n<summary>row 1 &lt;b&gt;</summary>", "the point with the most clients: 16 clients"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	run, trials := browsed().run()
	if without := htmlOf(t, run, trials); strings.Contains(without, ".flame") {
		t.Error("a page without flame graphs has their style or script")
	}
}

// slash presses that key as a person does, who types nothing where the page prevents it.
func (b *browser) slash() {
	b.Helper()
	if _, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: "keyDown", Key: "/", Code: "Slash", Text: "/", WindowsVirtualKeyCode: 191}); err != nil {
		b.Fatal(err)
	}
}

// focused is the name of the frame that has the focus, and how wide it is.
func (b *browser) focused() string {
	b.Helper()
	return b.text(`(e => (e.querySelector("title") || e).textContent.split("\n")[0] + " " + e.getAttribute("width"))(document.activeElement)`)
}

// press presses keys one after the other, after each of which a frame has the focus.
func (b *browser) press(keys ...[2]string) {
	b.Helper()
	for _, key := range keys {
		b.do(chromedp.KeyEvent(key[0]))
		if got := b.focused(); got != key[1] {
			b.Errorf("after %q the focus is on %s, want %s", key[0], got, key[1])
		}
	}
}

// In the page, whose policy lets no other script run, a graph is zoomed and searched, and one that
// was closed is written when it opens.
func TestFlamesInABrowser(t *testing.T) {
	b := browse(t, flamed(t), 390, 800)
	b.fits(390)
	b.do(chromedp.Click(chromedp.CSS(`#flames .f[aria-level="3"]`)))
	if got := b.focused(); got != hostile[0]+" 100%" {
		t.Errorf("zoomed to %s", got)
	}
	b.do(chromedp.KeyEvent(kb.Escape))
	b.slash()
	b.do(chromedp.KeyEvent("WRI"))
	if got := b.text(`document.querySelector("#flames [role=status]").textContent`); got != "matched: 30 % in 1 frame" {
		t.Errorf("found: %s", got)
	}
	b.do(chromedp.Click(chromedp.CSS("#flames details:not([open]) summary")), chromedp.Poll[chromedp.Void](`document.querySelectorAll("#flames .frames")[1].querySelector("text").textContent === "all"`))
	if got := b.text(`[...document.querySelectorAll("#flames .frames")[1].querySelectorAll("text")].map(t => t.textContent).join(" ")`); got != "all main epoll_wait tcp_sendmsg" {
		t.Errorf("the second graph has %s", got)
	}
	b.fits(390)
	shown := func() string {
		return b.text(`[...document.querySelectorAll("#time tbody, #time p:not(.faint), #flames summary")].filter(e => e.checkVisibility()).map(e => e.innerText.split(/\s/)[0] + (e.localName === "summary" ? e.innerText.slice(3, 5) : "")).join(" ")`)
	}
	if got := shown(); got != "reactor reactor read Of reactor goroutine row 0 row 1" {
		t.Errorf("of all rows there are %s", got)
	}
	b.do(chromedp.Click(chromedp.CSS("#filters summary")), chromedp.Click(chromedp.CSS(`#filters input[value="reactor"]`)))
	if got := shown(); got != "goroutine row 1" { // the sentence is of both rows
		t.Errorf("without reactor there are %s", got)
	}
	b.quiet()
}

// The file needs nothing else: it is gone through by keys, is one stop of the Tab key, and no name is
// wider than its frame.
func TestFlameFileInABrowser(t *testing.T) {
	var svg strings.Builder
	long := "write_" + strings.Repeat("x", 200)
	if err := flame.Write(&svg, profiled(map[string]int64{"read": 500, long: 20, "other": 480}), "one row"); err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t, 1280, 800)
	b.openAs("image/svg+xml", svg.String())
	const tabStops = `String(document.querySelectorAll('.f[tabindex="0"]').length)`
	b.do(chromedp.Focus(chromedp.CSS(`.f[tabindex="0"]`)))
	b.press([2]string{kb.ArrowDown, "main 100%"}, [2]string{kb.ArrowDown, "read 50%"}, [2]string{kb.ArrowLeft, "other 48%"}, [2]string{kb.ArrowRight, "read 50%"},
		[2]string{kb.ArrowRight, long + " 2%"}, [2]string{kb.Enter, long + " 100%"},
		[2]string{kb.ArrowUp, "main 100%"}, [2]string{kb.Escape, "main 100%"}, [2]string{kb.Home, "all 100%"})
	if n := b.text(tabStops); n != "1" {
		t.Errorf("%s frames stop the Tab key", n)
	}
	if wide := b.text(`[...document.querySelectorAll(".f")].filter(f => f.querySelector("text").getComputedTextLength() > f.querySelector("rect").getBoundingClientRect().width).length + " " + document.documentElement.scrollWidth`); wide != "0 1280" {
		t.Errorf("names wider than their frames, and the file's width: %s", wide)
	}
	b.slash()
	b.do(chromedp.KeyEvent("r"))
	if got := b.text(`document.querySelector("[role=status]").textContent + " " + document.querySelectorAll(".match").length`); got != "matched: 100 % in 3 frames 3" {
		t.Errorf("found: %s", got)
	}
	b.press([2]string{kb.Escape, " null"})
	if n := b.text(`String(document.querySelectorAll(".match").length)`); n != "0" {
		t.Errorf("%s frames match nothing", n)
	}
}
