package flame

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"runtime/pprof"
	"strings"
	"testing"
	"unicode/utf8"

	"connbench/results/resultstest"

	"github.com/google/pprof/profile"
)

func TestWrite(t *testing.T) {
	resultstest.Golden(t, "reactor.svg", written(t, reactor(), "reactor, 64 clients, 64 B"))
	fragment, err := Fragment(reactor(), "reactor")
	if err != nil {
		t.Fatal(err)
	}
	resultstest.Golden(t, "reactor.html", string(fragment))
}

func written(t *testing.T, p *profile.Profile, title string) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, p, title); err != nil {
		t.Fatal(err)
	}
	elements(t, b.String())
	return b.String()
}

// elements are the names of those of an SVG with how often each is there. It fails what is no XML.
func elements(t testing.TB, svg string) map[string]int {
	t.Helper()
	n := map[string]int{}
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return n
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		if e, is := token.(xml.StartElement); is {
			n[e.Name.Local]++
		}
	}
}

// A profile as Go makes it is drawn with the function that took the time.
func TestWriteOfGo(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	for { // until the clock of the profile has seen it
		b.Reset()
		if err := pprof.StartCPUProfile(&b); err != nil {
			t.Skip(err) // another test has it
		}
		burn(50_000_000)
		pprof.StopCPUProfile()
		p, err := profile.Parse(&b)
		if err != nil {
			t.Fatal(err)
		}
		var svg strings.Builder
		if err := Write(&svg, p, "a test"); errors.Is(err, ErrEmpty) {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		elements(t, svg.String())
		if strings.Contains(svg.String(), "<title>connbench/plots/flame.burn\n") {
			return
		}
	}
}

//go:noinline
func burn(n int) (sum float64) {
	for i := range n {
		sum += math.Sqrt(float64(i))
	}
	return sum
}

func TestEmpty(t *testing.T) {
	none := folded(map[string]int64{"a": 0})
	typeless := folded(map[string]int64{"a": 1})
	typeless.SampleType = nil
	for name, p := range map[string]*profile.Profile{"nothing": {}, "no time": none, "no type": typeless} {
		if err := Write(io.Discard, p, ""); !errors.Is(err, ErrEmpty) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Fragment(p, ""); !errors.Is(err, ErrEmpty) {
			t.Errorf("%s: %v", name, err)
		}
	}
	long := folded(map[string]int64{"a": math.MaxInt64 / 1_500_000, "b": math.MaxInt64 / 1_500_000})
	if err := Write(io.Discard, long, ""); !errors.Is(err, errTooLong) {
		t.Errorf("too long: %v", err)
	}
}

// What is narrow is left out, and what is deep; both are said.
func TestLeftOut(t *testing.T) {
	svg := written(t, folded(map[string]int64{"main;big": 9999, "main;tiny;below": 1, strings.Repeat("deep;", 300) + "end": 5000}), "")
	if strings.Contains(svg, "tiny") || !strings.Contains(svg, "left out: 2 frames below 0.1 %, 0.00667 % in all") || !strings.Contains(svg, "stacks are cut after 250 functions") {
		t.Error(svg[max(0, len(svg)-9000):])
	}
}

// Names are shown as they are, in one line, and none is markup.
func TestHostileNames(t *testing.T) {
	names := []string{
		`</title></svg><script>alert(1)</script>`, "two\nlines", "]]></script>", `" onload="alert(1)`, strings.Repeat("x", 10_000), "\x00\x1b[31m", "\xff\xfe", "\u202eevil", "",
	}
	stacks := map[string]int64{}
	for _, name := range names {
		stacks["main;"+name] = 100
	}
	for _, title := range names {
		svg := written(t, folded(stacks), title)
		if n := elements(t, svg); n["script"] != 1 || n["style"] != 1 {
			t.Errorf("%q: %v", title, n)
		}
		if strings.ContainsAny(svg, "\x00\x1b\u202e") || strings.Contains(svg, "two\n") || strings.Contains(svg, strings.Repeat("x", mostRunes)) || !utf8.ValidString(svg) {
			t.Errorf("%q: not cleaned", title)
		}
	}
}

func TestShort(t *testing.T) {
	for name, want := range map[string]string{
		"connbench/models/readiness.(*loop).run": "readiness.(*loop).run", "main.main": "main.main", "a/b.F[c/d.T]": "b.F[c/d.T]", "run (/opt/server.py:3)": "run (/opt/server.py:3)",
	} {
		if got := short(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

// Whatever profile can be read, its drawing is XML with one script.
func FuzzWrite(f *testing.F) {
	var b bytes.Buffer
	if err := reactor().Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes(), "a title")
	f.Fuzz(func(t *testing.T, data []byte, title string) {
		p, err := profile.ParseData(data)
		if err != nil {
			t.Skip()
		}
		var svg strings.Builder
		if Write(&svg, p, title) != nil {
			return
		}
		if n := elements(t, svg.String()); n["script"] != 1 {
			t.Errorf("%v", n)
		}
	})
}
