package plots

import (
	"bytes"
	"errors"
	"image/png"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"connbench/results"
)

var (
	allModels   = []string{"sequential", "goroutine", "pool", "reactor", "udp"}
	allClients  = []int{1, 16, 64, 256}
	allPayloads = []int{64, 4096}
)

// sweep is what a closed run over all combinations could look like: sequential
// starves its clients, and half of udp's requests are lost at 256 clients.
func sweep(models []string, clients, payloads []int) []results.Point {
	var points []results.Point
	for _, payload := range payloads {
		for _, n := range clients {
			for _, model := range models {
				points = append(points, pointOf(model, n, payload))
			}
		}
	}
	return points
}

// pointOf has a throughput that saturates and the p99 that follows from it.
func pointOf(model string, clients, payload int) results.Point {
	peak := map[string]float64{"sequential": 58e3, "goroutine": 206e3, "pool": 178e3, "reactor": 251e3, "udp": 232e3}[model]
	if peak == 0 {
		peak = 150e3 + 10e3*float64(len(model))
	}
	peak /= 1 + float64(payload)/9000
	n := float64(clients)
	rps := peak * n / (n + 3.2)
	served := n
	if model == "sequential" {
		rps, served = peak*0.95, 1
	}
	p99 := 2.4 * n / rps * 1e9
	if model == "sequential" {
		p99 = 34e3
	}
	around := func(v, by float64) results.Spread {
		return results.Spread{Median: v, Min: v * (1 - by), Max: v * (1 + by)}
	}
	p := results.Point{
		Key: results.Key{
			Model: model, Network: "tcp", Framing: "length", Work: "echo", Loop: results.ClosedLoop,
			PayloadBytes: payload, Clients: clients,
		},
		Trials: 5, Valid: 5,
		Throughput: around(rps, 0.06), P50: around(p99/3, 0.1), P99: around(p99, 0.22),
		Served: results.Spread{Median: served, Min: served, Max: served},
	}
	if model == "udp" && clients == 256 {
		p.P99 = results.Spread{Median: math.Inf(1), Min: 4e6, Max: math.Inf(1)}
	}
	return p
}

func environment() *results.Environment {
	return &results.Environment{
		CPU: "Intel(R) Xeon(R) Processor @ 2.80GHz", Cores: 2, Kernel: "6.18.5-cloud-amd64", ServerCPUs: "0", ClientCPUs: "1",
	}
}

// noFigures is the point of a model that never came up.
func noFigures(p results.Point) results.Point {
	return results.Point{Key: p.Key, Trials: 2, Failures: []string{"did not start", "did not start"}}
}

// change applies a change to a copy of every point.
func change(points []results.Point, by func(*results.Point)) []results.Point {
	points = slices.Clone(points)
	for i := range points {
		by(&points[i])
	}
	return points
}

// drop leaves out a model at a client count.
func drop(points []results.Point, model string, clients int) []results.Point {
	return slices.DeleteFunc(points, func(p results.Point) bool { return p.Model == model && p.Clients == clients })
}

// `go test -artifacts` keeps the figures, to be looked at.
func TestCurves(t *testing.T) {
	shared := environment()
	shared.ClientCPUs, shared.SharedCPUs = shared.ServerCPUs, true
	many := []string{
		"sequential", "goroutine", "pool", "reactor", "thread", "reactors", "uring", "select", "poll",
		"gnet", "netpoll", "nbio", "asyncio", "my-own-server",
	}
	for _, test := range []struct {
		name       string
		points     []results.Point
		env        *results.Environment
		throughput []string // that the caption or the legend says
		p99        []string
		silent     []string // about these, in both
	}{
		{
			"normal", sweep(allModels, allClients, allPayloads), environment(),
			[]string{"sequential", "goroutine", "pool", "reactor", "udp", "64 B payload", "4 KiB payload", "Hollow marks are " + results.FlagMeaning, "5 trials", "Xeon", "2 cores", "6.18.5", "same-host", "saturated throughput (closed loop)", "server on CPU 0"},
			[]string{"∞", "Triangles at the top edge", "udp (64 B) at 256 clients; udp (4 KiB) at 256 clients"},
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
			"many", sweep(many, []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8000}, []int{64, 1024, 65536}), environment(),
			[]string{"my-own-server", "Each panel has its own vertical scale", "8000"}, nil, nil,
		},
		{
			"all-infinite", change(sweep(allModels, allClients, allPayloads[:1]), func(p *results.Point) {
				p.P99 = results.Spread{Median: math.Inf(1), Min: math.Inf(1), Max: math.Inf(1)}
			}), nil,
			nil, []string{"Triangle", "reactor at 1, 16, 64, 256 clients"}, nil,
		},
		{
			"no-answers", change(sweep(allModels, allClients, allPayloads[:1]), func(p *results.Point) {
				p.P99, p.Throughput = results.Spread{}, results.Spread{}
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
			"open", change(sweep(allModels, allClients, allPayloads), func(p *results.Point) { p.Loop = results.OpenLoop }), environment(),
			[]string{"Open loop"}, []string{"Open loop"}, []string{"saturated"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.ArtifactDir(), "figures")
			paths, err := Curves(dir, test.points, test.env)
			if err != nil {
				t.Fatal(err)
			}
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
	all := strings.Join(lines, " ")
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
	if config.Width != 1600 || config.Height < 700 {
		t.Errorf("%s is %d × %d", path, config.Width, config.Height)
	}
}

func TestCurvesOfSeveralGroups(t *testing.T) {
	points := sweep(allModels[:4], allClients, allPayloads)
	points = append(points, change(sweep(allModels[4:], allClients, allPayloads), func(p *results.Point) {
		p.Network, p.Work, p.Loop = "udp", "cpu:50µs", results.OpenLoop
	})...)
	unix := noFigures(points[0])
	unix.Network = "unix"
	points = append(points, unix)

	dir := t.ArtifactDir()
	paths, err := Curves(dir, points, environment())
	if err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, paths,
		"throughput-echo-closed.svg", "throughput-echo-closed.png",
		"p99-echo-closed.svg", "p99-echo-closed.png",
		"throughput-cpu-50us-open.svg", "throughput-cpu-50us-open.png",
		"p99-cpu-50us-open.svg", "p99-cpu-50us-open.png")
}

func TestCurvesRefuses(t *testing.T) {
	good := sweep(allModels, allClients, allPayloads)
	for _, test := range []struct {
		name   string
		points []results.Point
		want   string
	}{
		{"no points", nil, "0 points"},
		{"only failures", []results.Point{noFigures(good[0])}, "1 points"},
		{"no clients", change(good[:1], func(p *results.Point) { p.Clients = 0 }), "sequential has 0 clients"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "figures")
			paths, err := Curves(dir, test.points, nil)
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

func TestCurvesUnwritable(t *testing.T) {
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
		paths, err := Curves(test.dir, sweep(allModels, allClients, allPayloads), nil)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want one that names %s", err, test.want)
		}
		if len(paths) != test.written {
			t.Errorf("wrote %v, want %d", paths, test.written)
		}
	}
}

func TestLooksAreDistinct(t *testing.T) {
	type features struct{ color, dash, marker int }
	seen := map[features]string{}
	for i, model := range modelOrder {
		f := features{i % len(palette), i % len(dashes), i % len(markers)}
		if other, taken := seen[f]; taken {
			t.Errorf("%s looks like %s", model, other)
		}
		seen[f] = model
	}
	names := slices.Sorted(maps.Values(seen))
	if len(names) != len(slices.Compact(names)) {
		t.Error("a model is named twice")
	}
	if a, b := lookOf("my-own-server"), lookOf("my-own-server"); a.color != b.color || a.marker != b.marker {
		t.Error("an unlisted model changes its look")
	}
}
