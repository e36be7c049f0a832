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
	"connbench/results/stats"
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
	b.opensLines("#points", "reactor", trials)
	b.showsValues(points)
	b.explains()
	b.quiet()
}

func (b *browser) sorts() {
	const throughput = `#points thead th:nth-child(4)`
	sorted := func() string {
		return b.text(`document.querySelector("` + throughput + `").getAttribute("aria-sort")`)
	}
	before := b.column(3)
	b.do(chromedp.Click(chromedp.CSS(throughput + " button")))
	falling := strings.Fields(b.column(3))
	if sorted() != "descending" {
		b.Errorf("aria-sort is %s after a click, want the best first", sorted())
	}
	b.do(chromedp.Focus(chromedp.CSS(throughput+" button")), chromedp.KeyEvent(kb.Enter))
	rising := strings.Fields(b.column(3))
	if sorted() != "ascending" {
		b.Errorf("aria-sort is %s after a second time", sorted())
	}
	slices.Reverse(falling)
	if !slices.Equal(rising, falling) || strings.Join(rising, " ") == before {
		b.Errorf("sorted %v after %v, from %s", rising, falling, before)
	}
	values := b.text(`[...document.querySelectorAll("#points > tbody")].map(t => t.rows[0].cells[3].dataset.v).join(" ")`)
	var numbers []float64
	if err := json.Unmarshal([]byte("["+strings.ReplaceAll(values, " ", ",")+"]"), &numbers); err != nil || !slices.IsSorted(numbers) {
		b.Errorf("the rows are in the order %s (%v)", values, err)
	}
}

func (b *browser) filters() {
	b.do(chromedp.Click(chromedp.CSS(`#filters input[value="goroutine"]`)))
	if names := b.column(0); strings.Contains(names, "goroutine") || strings.Count(names, "reactor") != 2 {
		b.Errorf("without goroutine there are the rows %s", names)
	}
	if n := b.text(`String(document.querySelectorAll("#charts .dot[aria-label^=goroutine]").length)`); n != "0" {
		b.Errorf("without goroutine the charts have %s marks of it", n)
	}
	b.do(chromedp.Focus(chromedp.CSS(`#filters select[data-name="clients"]`)), chromedp.KeyEvent("16"))
	if clients := b.column(1); clients != "16 16" {
		b.Errorf("with 16 clients chosen there are rows of %s", clients)
	}
	if said := b.text(`document.getElementById("shown").textContent`); said != "2 of 6 rows" {
		b.Errorf("the page says %q", said)
	}
	b.do(chromedp.KeyEvent(kb.Home), chromedp.Click(chromedp.ID("every")))
	if n := len(strings.Fields(b.column(1))); n != 6 {
		b.Errorf("%d rows once all are chosen again", n)
	}
}

func (b *browser) showsTrials(points []stats.Point, trials []results.Trial) {
	i := slices.IndexFunc(points, func(p stats.Point) bool { return p.Model == "reactor" && p.Clients == 16 })
	body := fmt.Sprintf(`#points tbody[data-point="%d"]`, i)
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
	row := b.text(`[...document.querySelector('` + body + `').rows[0].cells].slice(3, 9).map(c => c.innerText).join(" ")`)
	p := &points[i]
	if want := fmt.Sprintf("%s %s %s %s %s %s", results.Count(p.Throughput.Median), results.Nanos(p.P50.Median), results.Nanos(p.P99.Median),
		results.Nanos(p.ServerCPU.Median), results.Nanos(p.ClientCPU.Median), results.Bytes(int64(p.ServerRSS.Median))); row != want {
		b.Errorf("the row is %s, want %s", row, want)
	}
	b.do(chromedp.Click(chromedp.CSS(body + " .open")))
	if n := b.text(`String(document.querySelectorAll(".detail").length)`); n != "0" {
		b.Error("the row does not close")
	}
}

// showsValues looks at a mark under the pointer, and at the one that an arrow key goes to.
func (b *browser) showsValues(points []stats.Point) {
	said := func(p *stats.Point, trials string) string {
		between := p.Intervals["throughput_rps"]
		return fmt.Sprintf("%s|Throughput: %s requests/s|at %s|95 %% interval of the median: %s to %s|single trials: from %s to %s|%s",
			p.Model, results.Count(p.Throughput.Median), whereOf(p.Key), results.Count(between.Low), results.Count(between.High),
			results.Count(p.Throughput.Min), results.Count(p.Throughput.Max), trials)
	}
	pointOf := func(model string, clients int) *stats.Point {
		return &points[slices.IndexFunc(points, func(p stats.Point) bool { return p.Model == model && p.Clients == clients })]
	}
	const dot = `figure .dot[aria-label*="reactor"][aria-label*="16 clients"]`

	b.do(chromedp.ScrollIntoView(chromedp.CSS(dot)))
	var at struct{ X, Y float64 }
	if err := json.Unmarshal([]byte(b.text(`(() => { const r = document.querySelector('`+dot+`').lastChild.getBoundingClientRect(); return JSON.stringify({x: r.x + r.width / 2 + 2, y: r.y + r.height / 2}); })()`)), &at); err != nil {
		b.Fatal(err)
	}
	b.do(chromedp.MouseEvent("mouseMoved", at.X, at.Y), chromedp.WaitVisible(chromedp.ID("tip")))
	if got, want := b.tip(), said(pointOf("reactor", 16), "6 valid trials: "); !strings.HasPrefix(got, want) {
		b.Errorf("under the pointer: %s, want %s", got, want)
	}
	b.do(chromedp.MouseEvent("mouseMoved", 1, 1), chromedp.WaitNotVisible(chromedp.ID("tip")))

	b.do(chromedp.Focus(chromedp.CSS(`figure .dot[tabindex="0"]`)), chromedp.WaitVisible(chromedp.ID("tip")))
	first := b.text(`document.activeElement.getAttribute("aria-label")`)
	b.do(chromedp.KeyEvent(kb.ArrowRight))
	model, _, _ := strings.Cut(first, ";")
	if got, want := b.tip(), said(pointOf(model, 16), "6 "); !strings.HasPrefix(got, want) {
		b.Errorf("right of %s: %s, want %s", first, got, want)
	}
	b.do(chromedp.KeyEvent(kb.Escape), chromedp.WaitNotVisible(chromedp.ID("tip")))
}

func (b *browser) explains() {
	b.do(chromedp.Focus(chromedp.CSS(`#points .verdict[data-verdict="LITTLE"]`)), chromedp.WaitVisible(chromedp.ID("tip")))
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
	if names := b.column(0); !strings.Contains(names, hostile[0]) || !strings.Contains(names, hostile[1]) {
		t.Errorf("the rows are %s", names)
	}
	if n := b.text(`document.images.length + " " + document.scripts.length`); n != "0 2" {
		t.Errorf("images and scripts: %s", n)
	}
	b.fits(360)
	b.quiet()
}
