package page

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"connbench/results"
	"connbench/results/stats"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func browsed() bulk {
	return bulk{models: []string{"goroutine", "reactor", "sequential"}, clients: []int{1, 16}, payloads: []int{64}, trials: 6}
}

func TestHTMLInABrowser(t *testing.T) {
	run, trials := browsed().run()
	points := stats.Summarize(trials, run.Models)
	b := browse(t, htmlOf(t, run, trials), 1280, 900)

	b.sorts()
	b.filters()
	b.showsTrials(points, trials)
	b.opensLines("#table-0", "reactor", trials)
	b.showsFigures()
	b.explains()
	b.quiet()
}

func (b *browser) sorts() {
	const throughput = `#table-0 thead th:nth-child(4)`
	sorted := func() string {
		return b.text(`document.querySelector("` + throughput + `").getAttribute("aria-sort")`)
	}
	before := b.column(3)
	b.do(chromedp.Click(chromedp.CSS(throughput + " button")))
	falling := strings.Fields(b.column(3))
	if sorted() != "descending" || strings.Join(falling, " ") == before {
		b.Errorf("aria-sort is %s after a click, want the best first: %v, from %s", sorted(), falling, before)
	}
	b.do(chromedp.Focus(chromedp.CSS(throughput+" button")), chromedp.KeyEvent(kb.Enter))
	rising := strings.Fields(b.column(3))
	if sorted() != "ascending" {
		b.Errorf("aria-sort is %s after a second time", sorted())
	}
	const flagged = 5 // of sequential with 16 clients, which stays the last
	slices.Reverse(falling[:flagged])
	if !slices.Equal(rising, falling) {
		b.Errorf("sorted %v after %v", rising, falling)
	}
	values := b.text(`[...document.querySelectorAll("#table-0 > tbody")].map(t => t.rows[0].cells[3].dataset.v).join(" ")`)
	var numbers []float64
	if err := json.Unmarshal([]byte("["+strings.ReplaceAll(values, " ", ",")+"]"), &numbers); err != nil || !slices.IsSorted(numbers[:flagged]) {
		b.Errorf("the rows are in the order %s (%v)", values, err)
	}
}

func (b *browser) filters() {
	b.do(chromedp.Click(chromedp.CSS(`#filters summary`)), chromedp.Click(chromedp.CSS(`#filters input[value="goroutine"]`)))
	if names := b.column(2); strings.Contains(names, "goroutine") || strings.Count(names, "reactor") != 2 {
		b.Errorf("without goroutine there are the rows %s", names)
	}
	b.do(chromedp.Focus(chromedp.CSS(`#filters select[data-name="Clients"]`)), chromedp.KeyEvent("16"))
	if clients := b.column(1); clients != "16 16" {
		b.Errorf("with 16 clients chosen there are rows of %s", clients)
	}
	if said := b.text(`document.getElementById("shown").textContent`); !strings.HasPrefix(said, "2 of 6 rows;") {
		b.Errorf("the page says %q", said)
	}
	b.do(chromedp.KeyEvent(kb.Home), chromedp.Click(chromedp.ID("every")))
	if n := len(strings.Fields(b.column(1))); n != 6 {
		b.Errorf("%d rows once all are chosen again", n)
	}
}

func (b *browser) showsTrials(points []stats.Point, trials []results.Trial) {
	i := slices.IndexFunc(points, func(p stats.Point) bool { return p.Model == "reactor" && p.Clients == 16 })
	const body = "#chosen"
	b.do(chromedp.Evaluate[chromedp.Void](`void ([...document.querySelectorAll("#table-0 tbody")].find(t => t.rows[0].cells[1].innerText === "16" && t.innerText.includes("reactor")).id = "chosen")`))
	b.do(chromedp.Click(chromedp.CSS(body + " .open")))
	shown := b.text(`[...document.querySelectorAll('` + body + ` .detail tbody tr')].map(r => [...r.cells].slice(0, 7).map(c => c.innerText).join(" ")).join("; ")`)
	var want []string
	for n := range trials {
		if t := &trials[n]; t.Key() == points[i].Key {
			want = append(want, fmt.Sprintf("%d %d %s %s %s %s %s", t.Trial, n+1, results.Count(t.ThroughputRPS),
				t.ResponseLatency.P50, t.ResponseLatency.P99, results.Nanos(t.ServerCPUPerRequest), results.Nanos(*t.ClientCPUPerRequest)))
		}
	}
	if shown != strings.Join(want, "; ") {
		b.Errorf("the row opens to\n%s, want\n%s", shown, strings.Join(want, "; "))
	}
	row := b.text(`[...document.querySelector('` + body + `').rows[0].cells].slice(3, 9).map(c => c.firstChild.textContent).join(" ")`)
	p := &points[i]
	if want := fmt.Sprintf("%s %s %s %s %s %s", results.Count(p.Median(results.Throughput)), results.Nanos(p.Median(results.P50)), results.Nanos(p.Median(results.P99)),
		results.Nanos(p.Median(results.ServerCPU)), results.Nanos(p.Median(results.ClientCPU)), results.Bytes(int64(p.Median(results.ServerRSS)))); row != want {
		b.Errorf("the row is %s, want %s", row, want)
	}
	b.do(chromedp.Click(chromedp.CSS(body + " .open")))
	if n := b.text(`String(document.querySelectorAll(".detail").length)`); n != "0" {
		b.Error("the row does not close")
	}
}

// showsFigures looks for the figures' titles, and for a model's name in the first drawing.
func (b *browser) showsFigures() {
	if got := b.text(`[...document.querySelectorAll("figure h3")].map(h => h.textContent).join("; ")`); !strings.HasPrefix(got, "Throughput against clients; p99 latency against clients; Server CPU per request") {
		b.Errorf("the figures are %s", got)
	}
	if n := b.text(`String([...document.querySelector(".drawing svg").querySelectorAll("text")].filter(t => t.textContent === "reactor").length)`); n != "1" {
		b.Errorf("the first figure names reactor %s times", n)
	}
}

// On a dark page the figures are light, and on paper they are dark again.
func TestFiguresInTheDark(t *testing.T) {
	run, trials := browsed().run()
	b := browse(t, htmlOf(t, run, trials), 1280, 900)
	ink := func() string { return b.text(`getComputedStyle(document.querySelector(".drawing text")).fill`) }
	for _, test := range []struct{ scheme, media, want string }{
		{"light", "screen", "rgb(34, 34, 34)"}, {"dark", "screen", "rgb(230, 230, 230)"}, {"dark", "print", "rgb(34, 34, 34)"},
	} {
		emulated := emulation.SetEmulatedMediaParams{Media: test.media, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: test.scheme}}}
		if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulated); err != nil {
			t.Fatal(err)
		}
		if got := ink(); got != test.want {
			t.Errorf("%s %s: the figures' text is %s, want %s", test.scheme, test.media, got, test.want)
		}
	}
	b.quiet()
}

func (b *browser) explains() {
	b.do(chromedp.Focus(chromedp.CSS(`#table-0 .verdict[data-verdict="LITTLE"]`)), chromedp.WaitVisible(chromedp.ID("tip")))
	if got := b.text(`document.getElementById("tip").textContent`); got != results.Little+results.Explain(results.Little) {
		b.Errorf("beside the verdict: %s", got)
	}
}

// What was written to be misread is shown as it is, and runs nowhere.
func TestHTMLOfHostileTextsInABrowser(t *testing.T) {
	run, trials := hostileRun()
	b := browse(t, htmlOf(t, run, trials), 360, 740)
	for range 2 {
		b.do(chromedp.Evaluate[chromedp.Void](`for (const o of document.querySelectorAll(".open")) o.click()`))
	}
	if names := b.column(2); !strings.Contains(names, hostile[0]) || !strings.Contains(names, hostile[1]) {
		t.Errorf("the rows are %s", names)
	}
	if n := b.text(`document.images.length + " " + document.scripts.length`); n != "0 2" {
		t.Errorf("images and scripts: %s", n)
	}
	b.fits(360)
	b.quiet()
}
