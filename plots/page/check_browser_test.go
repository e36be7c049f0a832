package page

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	cdp "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestCheck holds all kinds of pages, and the files that CONNBENCH_PAGES names, against the
// rules of axe-core, of which CONNBENCH_AXE names the script, and puts pictures of them into the
// folder CONNBENCH_PICTURES, if that is set: see `make page-check`.
func TestCheck(t *testing.T) {
	axe := os.Getenv("CONNBENCH_AXE")
	if axe == "" {
		t.Skip("CONNBENCH_AXE names no script: see make page-check")
	}
	rules, err := os.ReadFile(axe)
	if err != nil {
		t.Fatal(err)
	}
	pages := pagesOf(t)
	for _, path := range strings.Fields(os.Getenv("CONNBENCH_PAGES")) {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		pages[filepath.Base(filepath.Dir(path))] = string(content)
	}
	b := newBrowser(t, 1280, 900)
	for _, kind := range slices.Sorted(maps.Keys(pages)) {
		for _, width := range []int{390, 768, 1280} {
			for _, scheme := range []string{"light", "dark"} {
				t.Run(fmt.Sprintf("%s-%d-%s", kind, width, scheme), func(t *testing.T) {
					b := &browser{t, b.ctx, b.console, b.requests}
					b.do(chromedp.EmulateViewport(int64(width), 900))
					b.media("screen", scheme)
					b.open(pages[kind])
					b.picture()
					b.fits(width)
					b.quiet()
					if width != 768 {
						b.obeys(string(rules))
					}
				})
			}
		}
		t.Run(kind+"-print", func(t *testing.T) {
			b := &browser{t, b.ctx, b.console, b.requests}
			b.media("", "light")
			b.open(pages[kind])
			paper, err := chromedp.Call(b.ctx, cdp.PrintToPDF, cdp.PrintToPDFParams{PrintBackground: new(true), PreferCSSPageSize: new(true)})
			if err != nil {
				t.Fatal(err)
			}
			b.keep(".pdf", paper.Data)
			b.quiet()
		})
	}
}

// media is what the page is shown on.
func (b *browser) media(media, scheme string) {
	b.Helper()
	emulated := emulation.SetEmulatedMediaParams{Media: media, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulated); err != nil {
		b.Fatal(err)
	}
}

func (b *browser) picture() {
	b.Helper()
	shot, err := chromedp.Call(b.ctx, cdp.CaptureScreenshot, cdp.CaptureScreenshotParams{CaptureBeyondViewport: new(true)})
	if err != nil {
		b.Fatal(err)
	}
	b.keep(".png", shot.Data)
}

// keep puts a picture of the page into a folder, under the test's name.
func (b *browser) keep(extension string, content []byte) {
	b.Helper()
	dir := os.Getenv("CONNBENCH_PICTURES")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, filepath.Base(b.Name())+extension), content, 0o644); err != nil {
		b.Fatal(err)
	}
}

// obeys fails the test where the page, with all that it has opened, breaks a rule in a way that keeps
// people out: of impact serious or critical.
func (b *browser) obeys(rules string) {
	b.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](rules + `; for (const d of document.querySelectorAll("details")) d.open = true; document.querySelector(".open")?.click()`))
	var broken []struct {
		ID, Impact, Help string
		Nodes            []struct{ HTML, FailureSummary string }
	}
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`axe.run().then(r => JSON.stringify(r.violations))`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatal(err)
	}
	if err := json.Unmarshal([]byte(found), &broken); err != nil {
		b.Fatal(err)
	}
	for _, rule := range broken {
		said := fmt.Sprintf("%s: %s (%s), %d times, first\n%s\n%s", rule.Impact, rule.Help, rule.ID, len(rule.Nodes), rule.Nodes[0].HTML, rule.Nodes[0].FailureSummary)
		if rule.Impact == "serious" || rule.Impact == "critical" {
			b.Error(said)
		} else {
			b.Log(said)
		}
	}
}
