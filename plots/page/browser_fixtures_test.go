package page

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// browser is a page in headless Chromium, and what it asks for and complains of.
type browser struct {
	*testing.T
	ctx      context.Context
	console  chan string
	requests chan string
}

// chromium finds the browser, or skips the test; where everything is tested, it must be
// there.
func chromium(t *testing.T) string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("CI is set and there is no chromium")
	}
	t.Skip("no chromium")
	return ""
}

// browse opens a page in a browser of the given size.
func browse(t *testing.T, page string, width, height int64) *browser {
	t.Helper()
	b := newBrowser(t, width, height)
	b.open(page)
	return b
}

// open opens a page that a server on the loopback interface has.
func (b *browser) open(page string) {
	b.Helper()
	b.openAs("text/html; charset=utf-8", page)
}

// openAs is open for what is of another type.
func (b *browser) openAs(kind, page string) {
	b.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Write([]byte(page))
	}))
	b.Cleanup(server.Close)
	b.do(chromedp.Navigate(server.URL))
}

func newBrowser(t *testing.T, width, height int64) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{T: t, console: make(chan string, 1000), requests: make(chan string, 1000)}
	if err := chromedp.Listen(ctx, b.note); err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(cancel)
	b.ctx = ctx
	b.listenToConsole()
	// Or a page in the background gets no focus.
	focus := emulation.SetFocusEmulationEnabledParams{Enabled: true}
	if _, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, focus); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.EmulateViewport(width, height))
	return b
}

func (b *browser) note(event any) {
	if e, ok := event.(*network.EventRequestWillBeSent); ok {
		b.requests <- e.Request.URL
	}
}

func (b *browser) listenToConsole() {
	messages := chromedp.Console(b.ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			b.console <- m.String()
		}
	}()
}

// quiet fails the test if the page has written to the console, or asked for anything but
// itself. A message of ours that has come shows that all before it have.
func (b *browser) quiet() {
	b.Helper()
	const last = "that was all"
	b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf("void console.log(%q)", last)))
	for {
		select {
		case m := <-b.console:
			if !strings.HasSuffix(m, last) {
				b.Errorf("the console has %s", m)
				continue
			}
		case <-b.ctx.Done():
			b.Fatal(b.ctx.Err())
		}
		break
	}
	if <-b.requests; len(b.requests) > 0 {
		b.Errorf("the page asked for more than itself: %s", <-b.requests)
	}
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.Fatal(err)
	}
}

// text evaluates an expression that gives a string.
func (b *browser) text(expression string) string {
	b.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](expression))
	if err != nil {
		b.Fatalf("%s: %v", expression, err)
	}
	return s
}

// column has the cells of the shown rows of the table of points, joined by spaces.
func (b *browser) column(n int) string {
	b.Helper()
	return b.columnOf("table-0", n)
}

// columnOf has the cells of a table's shown rows, joined by spaces, without what is in
// small print below them.
func (b *browser) columnOf(table string, n int) string {
	b.Helper()
	return b.text(fmt.Sprintf(`[...document.querySelectorAll("#%s > tbody")].filter(t => t.checkVisibility()).map(t => t.rows[0].cells[%d]).map(c => (c.querySelector(".open span:last-child, .own") || c.firstChild || c).textContent.trim()).join(" ")`, table, n))
}

// fits fails the test if the page is wider than its window.
func (b *browser) fits(width int) {
	b.Helper()
	if wide := b.text(`String(document.documentElement.scrollWidth)`); wide != fmt.Sprint(width) {
		b.Errorf("the page is %s wide in a window of %d", wide, width)
	}
}
