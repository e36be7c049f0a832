package document

import (
	"bytes"
	"connbench/results"
	"connbench/results/resultstest"
	"connbench/results/stats"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/perf/benchfmt"
)

// spread is around a value.
func spread(v float64) stats.Spread { return stats.Spread{Median: v, Min: v * 0.9, Max: v * 1.1} }

// just is a spread of one value.
func just(v float64) stats.Spread { return stats.Spread{Median: v, Min: v, Max: v} }

// healthy is a point of five good trials.
func healthy(k results.Key, rps, p50, p99 float64) stats.Point {
	return stats.Point{
		Key: k, Trials: 5, Valid: 5,
		Figures: map[*results.Figure]stats.Spread{
			results.Throughput: spread(rps), results.P50: spread(p50), results.P99: spread(p99), results.ServiceP99: spread(p99),
			results.ServerCPU: spread(3860), results.ClientCPU: spread(4120), results.ServerRSS: spread(14.2 * (1 << 20)), results.Threads: spread(9),
			results.Active: just(float64(k.Clients)), results.Fairness: {Median: 0.998, Min: 0.99, Max: 1}, results.Steal: spread(0.021),
		},
	}
}

// testPoints are a closed TCP group with a starved, a failing and an unanswered
// row, and an open UDP one whose server is not ours to look at.
func testPoints() []stats.Point {
	key := func(model string, clients int) results.Key {
		return results.Key{Model: model, Network: "tcp", Framing: "length", Work: "echo", Loop: results.ClosedLoop, PayloadBytes: 64, Clients: clients}
	}
	starved := healthy(key("sequential", 64), 58_000, 17_000, 41_000)
	starved.Figures[results.Unserved] = just(63)
	starved.Errors = map[string]int64{"timeout": 315, "reset": 12}

	noisy := healthy(key("reactor", 64), 221_000, 250_000, 999_700)
	noisy.Valid, noisy.Verdicts = 3, []string{"CLIENT_BOUND", "NOISY"}

	failing := stats.Point{
		Key: key("io_uring", 64), Trials: 2, Errors: map[string]int64{},
		Failures: []string{"start server: listen tcp 127.0.0.1:0:\n bind: address already in use after three attempts", "again"},
	}
	external := stats.Point{
		Key: results.Key{
			Model: "a-rather-long-external-name", Network: "udp", Framing: "raw", Work: "cpu:50µs", Loop: results.OpenLoop, PayloadBytes: 4096, Clients: 1,
			RateRPS: 1000, Arrivals: "constant",
		},
		Trials: 1, Valid: 1,
		Figures: map[*results.Figure]stats.Spread{
			results.Throughput: just(940), results.P50: just(120_000), results.P99: just(float64(results.Infinite)), results.ServiceP99: just(130_000),
			results.SlipP99: just(9000), results.Active: just(1), results.Fairness: just(1),
		},
		Errors: map[string]int64{"lost": 1_240_000},
	}
	return []stats.Point{
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
func openPoints() []stats.Point {
	at := func(model string, clients int, rate, p50, p99, service float64) stats.Point {
		p := healthy(results.Key{Model: model, Network: "tcp", Framing: "length", Work: "echo", Loop: results.OpenLoop, PayloadBytes: 64, Clients: clients, RateRPS: rate, Arrivals: "poisson"}, rate*0.998, p50, p99)
		p.Figures[results.ServiceP99] = just(service)
		return p
	}
	late := at("pool", 64, 150_000, 1.2e9, 2.35e9, 1_450_000)
	late.Valid, late.Figures[results.Throughput] = 0, just(117_300)
	late.Verdicts = []string{"CLIENT_BOUND", "MISSED_RATE", "NON_STATIONARY"}
	return []stats.Point{
		at("reactor", 10_000, 5000, 22_300, 94_500, 80_100),
		at("goroutine", 64, 150_000, 212_000, 11_800_000, 1_210_000),
		late,
		at("reactor", 64, 150_000, 118_000, 1_430_000, 700_000),
		at("goroutine", 64, 5000, 24_100, 61_400, 60_900),
		at("pool", 64, 5000, 29_300, 84_700, 80_200),
		at("reactor", 64, 5000, 20_600, 55_100, 54_300),
	}
}

func testEnvironment() *results.Environment {
	return &results.Environment{CPU: "Intel(R) Xeon(R)  Processor", Cores: 2, Kernel: "6.18.5", ServerCPUs: "0", ClientCPUs: "1"}
}

func TestPoints(t *testing.T) {
	shared := testEnvironment()
	shared.ClientCPUs, shared.SharedCPUs = shared.ServerCPUs, true
	for _, test := range []struct {
		name   string
		points []stats.Point
		env    *results.Environment
	}{
		{"table.txt", testPoints(), testEnvironment()},
		{"table.md", testPoints(), testEnvironment()},
		{"table-open.txt", openPoints(), testEnvironment()},
		{"table-open.md", openPoints(), testEnvironment()},
		{"table-shared.txt", testPoints()[:2], shared},
		{"table-no-environment.txt", testPoints()[:1], nil},
		{"table-no-points.txt", nil, testEnvironment()},
	} {
		resultstest.Golden(t, test.name, said(t, Points(test.points, test.env), test.name))
	}
}

// Whatever its cells hold, a document fits the terminal, and no name is broken.
func TestTextFits(t *testing.T) {
	const name = "a-rather-long-external-name"
	points := openPoints()
	for i := range points {
		points[i].Model = name
		points[i].Clients, points[i].RateRPS = 15_000, 12_345
		points[i].Figures[results.Active], points[i].Figures[results.Unserved] = just(15_000), stats.Spread{Median: 1, Max: 1}
	}
	d := Join(Points(points, testEnvironment()), Points(testPoints(), nil))
	for _, width := range []int{80, 100, 120, 200} {
		var b strings.Builder
		if err := d.Text(&b, width); err != nil {
			t.Fatal(err)
		}
		if n := text.LongestLineLen(b.String()); n > width {
			t.Errorf("a line is %d wide, want at most %d:\n%s", n, width, b.String())
		}
		if !strings.Contains(b.String(), name) || width == 200 == strings.Contains(b.String(), "left out of") {
			t.Errorf("%d columns:\n%s", width, b.String())
		}
	}
}

func TestPointsGroupsUnsorted(t *testing.T) {
	points := testPoints()
	points[0], points[3] = points[3], points[0]
	got := said(t, Points(points, nil), ".md")
	if n := strings.Count(got, "### "); n != 2 {
		t.Errorf("%d headings, want 2:\n%s", n, got)
	}
	if one, many := strings.Index(got, "| 1 |"), strings.Index(got, "| 64 |"); one > many {
		t.Errorf("64 clients come before 1:\n%s", got)
	}
}

func TestSummary(t *testing.T) {
	resultstest.Golden(t, "summary.csv", csvOf(t, Summary(slices.Concat(testPoints(), openPoints()[:1]))))
	resultstest.Golden(t, "summary-empty.csv", csvOf(t, Summary(nil)))
}

type fullDisk struct{}

var errFull = errors.New("no space left on device")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestWritersReportFailedWrites(t *testing.T) {
	d := Points(testPoints(), nil)
	for name, err := range map[string]error{
		"text": d.Text(fullDisk{}, 0), "Markdown": d.Markdown(fullDisk{}), "CSV": Summary(testPoints()).CSV(fullDisk{}),
	} {
		if !errors.Is(err, errFull) {
			t.Errorf("%s: %v, want %v", name, err, errFull)
		}
	}
}

// A spreadsheet runs what begins with one of these.
func TestCSVHasNoFormulas(t *testing.T) {
	for _, failure := range []string{"=1+1", "+1", "-1", "@SUM(1)"} {
		got := csvOf(t, Summary(stats.Summarize([]results.Trial{{Model: "a", Failure: failure}}, nil)))
		if !strings.Contains(got, ",'"+failure) {
			t.Errorf("%q is not kept from being one in\n%s", failure, got)
		}
	}
}

// Issue 12: a trial without any request had a latency of 0 ns.
func TestTrialWithoutRequests(t *testing.T) {
	empty := resultstest.Empty()
	points := stats.Summarize([]results.Trial{empty}, nil)
	if got := said(t, Points(points, nil), ""); strings.Contains(got, "0 ns") || !strings.Contains(got, results.NoRequests) {
		t.Errorf("the table says\n%s", got)
	}
	lines := strings.Split(csvOf(t, Summary(points)), "\n")
	names, row := strings.Split(lines[0], ","), strings.Split(lines[1], ",")
	for i, name := range names {
		latency := strings.Contains(name, "p50_ns_") || strings.Contains(name, "p99_ns_") || name == "fairness_jain"
		if latency && row[i] != "" || name == "throughput_rps_median" && row[i] != "0" {
			t.Errorf("summary.csv says %s of %s", row[i], name)
		}
	}
	var bench strings.Builder
	if err := WriteBench(&bench, []results.Trial{empty}, &results.Environment{}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(bench.String(), "Connbench/") {
		t.Errorf("bench.txt has\n%s", bench.String())
	}
}

// What WriteBench writes is what benchstat's reader reads: a result for each valid
// trial, with its figures, and no complaint.
func TestWriteBench(t *testing.T) {
	trials := resultstest.Race(2, map[string]float64{"a-1": 5000, "b": 9000}, "a-1", "b")
	trials[1].Verdicts = []string{results.Noisy}
	trials[2].ResponseLatency.P99 = results.Infinite
	trials[3].Knobs = "backlog=16 spread=a/b"
	var b bytes.Buffer
	if err := WriteBench(&b, trials, &results.Environment{OS: "linux", Arch: "amd64", CPU: "A\nB", Kernel: "6"}); err != nil {
		t.Fatal(err)
	}
	resultstest.Golden(t, "bench.txt", b.String())
	r := benchfmt.NewReader(&b, "bench.txt")
	read := 0
	for r.Scan() {
		switch rec := r.Result().(type) {
		case *benchfmt.Result:
			if cpu, ok := rec.Value("server-sec/req"); read == 0 && (!ok || math.Abs(cpu*1e9/trials[0].ServerCPUPerRequest-1) > 1e-9) {
				t.Errorf("%v", rec.Values)
			}
			if rec.GetConfig("cpu") != "A B" {
				t.Errorf("cpu %q", rec.GetConfig("cpu"))
			}
			read++
		case *benchfmt.SyntaxError:
			t.Error(rec)
		}
	}
	if err := r.Err(); err != nil || read != 3 {
		t.Errorf("%d results, %v", read, err)
	}
}

func TestResources(t *testing.T) {
	trials := resultstest.Race(3, map[string]float64{"goroutine": 5000, "python-threading": 9000}, "goroutine", "python-threading")
	value := func(v float64) *float64 { return &v }
	for i := range trials {
		u := trials[i].ServerUsage
		u.ServerPeakRSSBytes, u.ServerVoluntary, u.ServerInvoluntary = 20<<20, 1500, 12
		trials[i].Kernel = &results.Kernel{ListenOverflows: 3, ListenDrops: 4}
		u.ServerIdle = &results.IdleMemory{Connections: 1000, ResidentBytes: 7000, KernelBytes: value(2304), SocketBytes: value(2304)}
		if trials[i].Model == "goroutine" {
			u.ServerIdle.HeapBytes, u.ServerIdle.StackBytes, u.ServerSyscalls = value(900), value(2048), value(2.03)
			u.ServerRuntime = &results.Runtime{GOMAXPROCS: 1, Goroutines: 1004, GCCycles: 2, GCPauseNS: 61e3}
		}
	}
	more := resultstest.Race(1, map[string]float64{"goroutine": 5000}, "goroutine")
	more[0].Trial, more[0].Clients = 100, 128
	points := stats.Summarize(append(trials, more...), []string{"goroutine", "python-threading"})
	resultstest.Golden(t, "resources.txt", said(t, Resources(points), ""))

	if got := said(t, Resources(stats.Summarize(more, []string{"goroutine"})), ""); strings.Contains(got, "idle conn") || strings.Contains(got, "tracefs") {
		t.Errorf("columns are explained that are not there:\n%s", got)
	}
}

// TestUnsliced: one that takes most of a CPU while others are measured is named, as is one that has
// clients wait for longer than a slice, and one that does neither is not.
func TestUnsliced(t *testing.T) {
	trials := resultstest.Race(3, map[string]float64{"polling": 5000, "calm": 9000, "unfair": 9000, "few": 9000}, "polling", "calm", "unfair", "few")
	for i := range trials {
		cpus := map[string]float64{"polling": 0.8}[trials[i].Model]
		trials[i].ServerUsage.ServerRestCPUs, trials[i].Noise = &cpus, &results.Noise{Restless: new(float64)}
		if trials[i].Model == "unfair" || trials[i].Model == "few" {
			trials[i].Verdicts = []string{results.Little}
		}
		if trials[i].Model == "few" { // whose others nobody serves, in slices or without
			trials[i].ClientsServed = trials[i].ClientsActive - 1
		}
	}
	want := "polling used 0.8 CPUs while others had their slices: these are NOISY, and its further trials are whole.\n" +
		"With 64 clients unfair had some wait for longer than a slice: such trials are LITTLE, and further ones of the same are whole.\n"
	if got := strings.Join(strings.Fields(said(t, unsliced(trials), "")), " "); got != strings.Join(strings.Fields(want), " ") {
		t.Errorf("%q", got)
	}
}

func TestMissed(t *testing.T) {
	trials := []results.Trial{{Model: "a", Requests: 4}, {Model: "b", Requests: 4, Missing: 1}, {Model: "b", Requests: 4, Missing: 3}}
	if got := Missed(trials); !slices.Equal(got, []string{"b: up to 75 % of the keys were missing."}) {
		t.Errorf("got %q", got)
	}
	if got := Missed(trials[:1]); got != nil {
		t.Errorf("got %q of a row that misses nothing", got)
	}
}

func TestNotesSayMisses(t *testing.T) {
	p := healthy(results.Key{Model: "reactor", Clients: 1}, 1000, 1, 1)
	p.Figures[results.Missing] = just(0.5)
	p.Verdicts = []string{"NOISY"}
	if got, want := notes(&p), "NOISY, 50 % of the keys were missing"; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
