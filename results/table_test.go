package results

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jedib0t/go-pretty/v6/text"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file under testdata and keeps what it got beside
// it, so that the two can be looked at.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		beside := filepath.Join(t.ArtifactDir(), name)
		if err := os.WriteFile(beside, []byte(got), 0o644); err != nil {
			t.Error(err)
		}
		t.Errorf("%s differs (-want +got); got is in %s\n%s", path, beside, diff)
	}
}

// healthy is a point of five good trials.
func healthy(k Key, rps, p50, p99 float64) Point {
	around := func(v float64) Spread { return Spread{Median: v, Min: v * 0.9, Max: v * 1.1} }
	clients := float64(k.Clients)
	return Point{
		Key: k, Trials: 5, Valid: 5,
		Throughput: around(rps), P50: around(p50), P99: around(p99), ServiceP99: around(p99),
		ServerCPU: around(3860), ClientCPU: around(4120), ServerRSS: around(14.2 * (1 << 20)), Threads: around(9),
		Active: Spread{clients, clients, clients}, Fairness: Spread{0.998, 0.99, 1},
		Steal: around(0.021), HasLatency: true, HasFairness: true, HasServer: true, HasClientCPU: true, HasSteal: true,
	}
}

// testPoints are a closed TCP group with a starved, a failing and an unanswered
// row, and an open UDP one whose server is not ours to look at.
func testPoints() []Point {
	key := func(model string, clients int) Key {
		return Key{Model: model, Network: "tcp", Framing: "length", Work: "echo", Loop: ClosedLoop, PayloadBytes: 64, Clients: clients}
	}
	starved := healthy(key("sequential", 64), 58_000, 17_000, 41_000)
	starved.Unserved = Spread{starved.Active.Max - 1, starved.Active.Max - 1, starved.Active.Max - 1}
	starved.Errors = map[string]int64{"timeout": 315, "reset": 12}

	noisy := healthy(key("reactor", 64), 221_000, 250_000, 999_700)
	noisy.Valid, noisy.Verdicts = 3, []string{"CLIENT_BOUND", "NOISY"}

	failing := Point{
		Key: key("io_uring", 64), Trials: 2, Errors: map[string]int64{},
		Failures: []string{"start server: listen tcp 127.0.0.1:0:\n bind: address already in use after three attempts", "again"},
	}
	external := Point{
		Key:    Key{"a-rather-long-external-name", "udp", "raw", "cpu:50µs", "", OpenLoop, 4096, 1, 1000, "constant"},
		Trials: 1, Valid: 1,
		Throughput: Spread{940, 940, 940}, P50: Spread{120_000, 120_000, 120_000},
		P99:        Spread{float64(Infinite), float64(Infinite), float64(Infinite)},
		ServiceP99: Spread{130_000, 130_000, 130_000}, SlipP99: Spread{9000, 9000, 9000}, HasSlip: true, HasLatency: true, HasFairness: true,
		Active: Spread{1, 1, 1}, Fairness: Spread{1, 1, 1},
		Errors: map[string]int64{"lost": 1_240_000},
	}
	return []Point{
		healthy(key("sequential", 1), 57_900, 16_800, 31_000),
		healthy(key("goroutine", 1), 52_300, 18_400, 35_500),
		starved,
		healthy(key("goroutine", 64), 204_000, 301_000, 1_210_000),
		noisy,
		failing,
		external,
	}
}

// openPoints are three models at two rates over 64 clients and one of them over
// 10,000; the second rate is beyond pool.
func openPoints() []Point {
	at := func(model string, clients int, rate, p50, p99, service float64) Point {
		p := healthy(Key{model, "tcp", "length", "echo", "", OpenLoop, 64, clients, rate, "poisson"}, rate*0.998, p50, p99)
		p.ServiceP99 = Spread{service, service, service}
		return p
	}
	late := at("pool", 64, 150_000, 1.2e9, 2.35e9, 1_450_000)
	late.Valid, late.Throughput.Median = 0, 117_300
	late.Verdicts = []string{"CLIENT_BOUND", "MISSED_RATE", "NON_STATIONARY"}
	return []Point{
		at("reactor", 10_000, 5000, 22_300, 94_500, 80_100),
		at("goroutine", 64, 150_000, 212_000, 11_800_000, 1_210_000),
		late,
		at("reactor", 64, 150_000, 118_000, 1_430_000, 700_000),
		at("goroutine", 64, 5000, 24_100, 61_400, 60_900),
		at("pool", 64, 5000, 29_300, 84_700, 80_200),
		at("reactor", 64, 5000, 20_600, 55_100, 54_300),
	}
}

func testEnvironment() *Environment {
	return &Environment{CPU: "Intel(R) Xeon(R)  Processor", Cores: 2, Kernel: "6.18.5", ServerCPUs: "0", ClientCPUs: "1"}
}

func TestWriteTable(t *testing.T) {
	shared := testEnvironment()
	shared.ClientCPUs, shared.SharedCPUs = shared.ServerCPUs, true
	for _, test := range []struct {
		name   string
		points []Point
		env    *Environment
		style  TableStyle
	}{
		{"table.txt", testPoints(), testEnvironment(), Terminal},
		{"table.md", testPoints(), testEnvironment(), Markdown},
		{"table-open.txt", openPoints(), testEnvironment(), Terminal},
		{"table-open.md", openPoints(), testEnvironment(), Markdown},
		{"table-shared.txt", testPoints()[:2], shared, Terminal},
		{"table-no-environment.txt", testPoints()[:1], nil, Terminal},
		{"table-no-points.txt", nil, testEnvironment(), Terminal},
	} {
		t.Run(test.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := WriteTable(&b, test.points, test.env, test.style); err != nil {
				t.Fatal(err)
			}
			golden(t, test.name, b.String())
			if n := text.LongestLineLen(b.String()); test.style == Terminal && n > terminalWidth {
				t.Errorf("a line is %d wide, want at most %d", n, terminalWidth)
			}
		})
	}
}

// Whatever its cells hold, a table fits the terminal.
func TestWriteTableOfWideCells(t *testing.T) {
	points := openPoints()
	for i := range points {
		points[i].Model = "a-rather-long-external-name"
		points[i].Clients, points[i].RateRPS = 15_000, 12_345
		points[i].Active, points[i].Unserved = Spread{15_000, 15_000, 15_000}, Spread{1, 0, 1}
	}
	var b bytes.Buffer
	if err := WriteTable(&b, points, nil, Terminal); err != nil {
		t.Fatal(err)
	}
	if n := text.LongestLineLen(b.String()); n > terminalWidth {
		t.Errorf("a line is %d wide, want at most %d:\n%s", n, terminalWidth, b.String())
	}
}

func TestWriteTableGroupsUnsortedPoints(t *testing.T) {
	points := testPoints()
	points[0], points[3] = points[3], points[0]
	var b bytes.Buffer
	if err := WriteTable(&b, points, nil, Markdown); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "### "); n != 2 {
		t.Errorf("%d headings, want 2:\n%s", n, b.String())
	}
	if one, many := strings.Index(b.String(), "| 1 |"), strings.Index(b.String(), "| 64 |"); one > many {
		t.Errorf("64 clients come before 1:\n%s", b.String())
	}
}

func TestWriteCSV(t *testing.T) {
	for _, test := range []struct {
		name   string
		points []Point
	}{
		{"summary.csv", slices.Concat(testPoints(), openPoints()[:1])},
		{"summary-empty.csv", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := WriteCSV(&b, test.points); err != nil {
				t.Fatal(err)
			}
			golden(t, test.name, b.String())
		})
	}
}

type fullDisk struct{}

var errFull = errors.New("no space left on device")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestWritersReportFailedWrites(t *testing.T) {
	if err := WriteTable(fullDisk{}, testPoints(), nil, Terminal); !errors.Is(err, errFull) {
		t.Errorf("WriteTable: %v, want %v", err, errFull)
	}
	if err := WriteCSV(fullDisk{}, testPoints()); !errors.Is(err, errFull) {
		t.Errorf("WriteCSV: %v, want %v", err, errFull)
	}
}

func TestWrapName(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"reactor", "reactor"},
		{"python-asyncio", "python-asyncio"},
		{"python-selectors", "python-\nselectors"},
		{"python-socketserver-threading", "python-\nsocketserver-\nthreading"},
		{"anamewithoutahyphen", "anamewithoutah\nyphen"},
	} {
		if got := wrapName(tt.name, 14); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
