package figures

import (
	"bytes"
	"errors"
	"flag"
	"html"
	"image/png"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"connbench/results"
	"connbench/results/document"
	"connbench/results/read"
	"connbench/results/stats"
)

// Rendering PNGs is most of the tests' work. Where they are to be looked at, they
// have their full size.
func TestMain(m *testing.M) {
	flag.Parse()
	if keep := flag.Lookup("test.artifacts"); keep == nil || keep.Value.String() == "false" {
		DPI = 8
	}
	os.Exit(m.Run())
}

// `go test -artifacts` keeps the figures, to be looked at.
func TestFigures(t *testing.T) {
	shared := environment()
	shared.ClientCPUs, shared.SharedCPUs = shared.ServerCPUs, true
	many := []string{
		"sequential", "goroutine", "pool", "reactor", "thread", "reactors", "uring", "select", "poll",
		"gnet", "netpoll", "nbio", "asyncio", "my-own-server",
	}
	for _, test := range []struct {
		name       string
		points     []stats.Point
		env        *results.Environment
		throughput []string // that the caption or the legend says
		p99        []string
		silent     []string // about these, in both
	}{
		{
			"normal", sweep(allModels, allClients, allPayloads), environment(),
			[]string{"sequential", "goroutine", "pool", "reactor", "udp", "64 B payload", "4 KiB payload", "Hollow marks are " + document.FlagMeaning, "5 trials", "Xeon", "2 cores", "6.18.5", "same-host", "saturated throughput (closed loop)", "server on CPU 0"},
			[]string{"∞", "Triangles at the edge", "udp (64 B) at 256 clients; udp (4 KiB) at 256 clients"},
			[]string{"shared", "own vertical scale", "Tried"},
		},
		{
			"one-payload", sweep(allModels[1:4], allClients, allPayloads[:1]), shared,
			[]string{"64 B payload", "server and client shared CPU 0"}, nil,
			[]string{"Hollow", "Triangle", "4 KiB"},
		},
		{"one-client-count", sweep(allModels, []int{64}, allPayloads), environment(), []string{"64"}, nil, []string{"Triangle"}},
		{"one-model", sweep([]string{"reactor"}, allClients, allPayloads), nil, []string{"reactor", "Measured same-host."}, nil, []string{"udp"}},
		{"one-point", sweep([]string{"reactor"}, []int{1}, []int{64}), nil, []string{"reactor"}, nil, nil},
		{
			"many", sweep(many, []int{1, 16, 256, 8000}, []int{64, 65536}), environment(),
			[]string{"my-own-server", "Each payload has its own vertical scale", "Thin grey lines are the other models", "8000"}, nil, nil,
		},
		{
			"all-infinite", change(sweep(allModels, allClients, allPayloads[:1]), func(p *stats.Point) {
				p.Figures[results.P99] = around(math.Inf(1), 0)
			}), nil,
			nil, []string{"Triangle", "reactor at 1, 16, 64, 256 clients"}, nil,
		},
		{
			"no-answers", change(sweep(allModels, allClients, allPayloads[:1]), func(p *stats.Point) {
				p.Figures = nil
			}), nil,
			nil, []string{"Tried, without figures to draw: sequential at 1, 16, 64, 256 clients"}, []string{"0 trials"},
		},
		{
			"absent", drop(sweep(allModels, allClients, allPayloads), "reactor", 16), environment(),
			[]string{"reactor"}, nil, []string{"Tried"},
		},
		{
			"failed", append(sweep(allModels[:4], allClients, allPayloads), noFigures(pointOf("uring", 16, 64))), environment(),
			[]string{"Tried, without figures to draw: uring (64 B) at 16 clients", "Medians of 5 trials"}, nil, nil,
		},
		{
			"open", open(sweep(allModels, allClients, allPayloads), 5000), environment(),
			[]string{"Open loop, poisson arrivals.", "4 KiB payload at 5k requests/s"},
			[]string{"Open loop, poisson arrivals: latency counts"}, []string{"saturated"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.ArtifactDir(), "figures")
			paths := some(t, dir, Drawer{test.env, rows}.sheets(test.points), "throughput", "p99")
			wantFiles(t, dir, paths, "throughput.svg", "throughput.png", "p99.svg", "p99.png")
			wantText(t, paths[0], test.throughput, test.silent)
			wantText(t, paths[2], test.p99, test.silent)
			wantPNG(t, paths[1])
			wantPNG(t, paths[3])
		})
	}
}

func wantFiles(t *testing.T, dir string, paths []string, names ...string) {
	t.Helper()
	var want []string
	for _, name := range names {
		want = append(want, filepath.Join(dir, name))
	}
	if !slices.Equal(paths, want) {
		t.Fatalf("wrote %v, want %v", paths, want)
	}
}

var textElement = regexp.MustCompile(`(?s)<text[^>]*>([^<]*)</text>`)

// wantText reads an SVG's text as a person does, across the ends of lines.
func wantText(t *testing.T, path string, said, silent []string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, match := range textElement.FindAllSubmatch(content, -1) {
		lines = append(lines, string(match[1]))
	}
	all := html.UnescapeString(strings.Join(lines, " "))
	for _, s := range said {
		if !strings.Contains(all, s) {
			t.Errorf("%s does not say %q; it says\n%s", path, s, all)
		}
	}
	for _, s := range silent {
		if strings.Contains(all, s) {
			t.Errorf("%s says %q:\n%s", path, s, all)
		}
	}
	if bytes.Contains(content, []byte("NaN")) || bytes.Contains(content, []byte("Inf")) {
		t.Errorf("%s has coordinates that are no numbers", path)
	}
}

func wantPNG(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	config, err := png.DecodeConfig(f)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if config.Width != 10*DPI || config.Height < 2*DPI {
		t.Errorf("%s is %d × %d", path, config.Width, config.Height)
	}
}

func TestFiguresOfSeveralGroups(t *testing.T) {
	points := sweep(allModels[:4], allClients, allPayloads)
	points = append(points, change(sweep(allModels[4:], allClients, allPayloads), func(p *stats.Point) {
		p.Network, p.Work = "udp", "cpu:50µs"
	})...)
	points = append(points, rateSweep(allModels[:2], []int{64}, []int{64}, allRates)...)
	unix := noFigures(points[0])
	unix.Network = "unix"
	points = append(points, unix)

	dir := t.ArtifactDir()
	paths, err := saved(dir)(drawer().Run(&read.Reading{Points: points}, nil))
	if err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, paths,
		"throughput-echo-closed.svg", "throughput-echo-closed.png",
		"p99-echo-closed.svg", "p99-echo-closed.png",
		"fairness-echo-closed.svg", "fairness-echo-closed.png",
		"served-echo-closed.svg", "served-echo-closed.png",
		"throughput-cpu-50us-closed.svg", "throughput-cpu-50us-closed.png",
		"p99-cpu-50us-closed.svg", "p99-cpu-50us-closed.png",
		"rate-p99-echo-open-poisson.svg", "rate-p99-echo-open-poisson.png",
		"rate-throughput-echo-open-poisson.svg", "rate-throughput-echo-open-poisson.png")
}

func TestFiguresRefuses(t *testing.T) {
	good := sweep(allModels, allClients, allPayloads)
	for _, test := range []struct {
		name   string
		points []stats.Point
		want   string
	}{
		{"no rate", open(good[:1], 0), "sequential has an open loop of 0 requests/s"},
		{"no clients", change(good[:1], func(p *stats.Point) { p.Clients = 0 }), "sequential has 0 clients"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "figures")
			paths, err := saved(dir)(drawer().Run(&read.Reading{Points: test.points}, nil))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			if len(paths) > 0 {
				t.Errorf("wrote %v", paths)
			}
			if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("made %s", dir)
			}
		})
	}
}

// Where there is nothing to draw there is no folder either.
func TestFiguresOfNothing(t *testing.T) {
	for name, points := range map[string][]stats.Point{"no points": nil, "only failures": {noFigures(pointOf("pool", 1, 64))}} {
		dir := filepath.Join(t.TempDir(), "figures")
		if paths, err := saved(dir)(drawer().Run(&read.Reading{Points: points}, nil)); err != nil || len(paths) > 0 {
			t.Errorf("%s: wrote %v, error %v", name, paths, err)
		}
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: made %s", name, dir)
		}
	}
}

// A page's figure has texts that scripts cannot get into, no words that the page says, and
// nothing beside them that would load anything.
func TestBareFigures(t *testing.T) {
	figures, err := drawn(drawer().sheets(sweep([]string{`<script>`, "pool"}, allClients, allPayloads)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range figures {
		bare := string(f.Bare)
		if !strings.HasPrefix(bare, `<svg viewBox="0 0 720 `) || !strings.HasSuffix(strings.TrimSpace(bare), "</svg>") {
			t.Errorf("%s is no drawing: %.100s", f.Name, bare)
		}
		for _, s := range []string{"<script>", "http", "font-family", f.Title, "Medians", "fill:#FFFFFF\" />\n<text"} {
			if strings.Contains(bare, s) {
				t.Errorf("%s contains %s", f.Name, s)
			}
		}
		if !strings.Contains(f.Caption, "Medians") || f.Subtitle == "" {
			t.Errorf("%s says %q below %q", f.Name, f.Caption, f.Subtitle)
		}
	}
}

func TestFiguresUnwritable(t *testing.T) {
	occupied := filepath.Join(t.TempDir(), "occupied")
	if err := os.WriteFile(occupied, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	blocked := t.TempDir()
	if err := os.Mkdir(filepath.Join(blocked, "p99.svg"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		dir, want string
		written   int
	}{
		{occupied, occupied, 0},
		{blocked, filepath.Join(blocked, "p99.svg"), 2},
	} {
		paths, err := saved(test.dir)(drawn(drawer().sheets(sweep(allModels[:1], allClients[:1], allPayloads[:1]))))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want one that names %s", err, test.want)
		}
		if len(paths) != test.written {
			t.Errorf("wrote %v, want %d", paths, test.written)
		}
	}
}
