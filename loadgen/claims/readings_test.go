package claims

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// outcomeOf tells a finding's outcome, and fails where its sentence has not what it should.
func outcomeOf(t *testing.T, f finding, want read.ClaimOutcome, says string) {
	t.Helper()
	if f.outcome != want || !strings.Contains(f.sentence, says) {
		t.Errorf("%s: %q; want %s with %q", f.outcome, f.sentence, want, says)
	}
	if len(f.figures) == 0 {
		t.Error("it has no figures")
	}
}

func TestReadCapacity(t *testing.T) {
	hundreds := families[0]
	for _, row := range []struct {
		clients int
		bound   read.Bound
		within  stats.Interval
		want    read.ClaimOutcome
		says    string
	}{
		{500, read.BoundLatency, stats.Interval{}, read.Confirmed, "serves 500 clients."},
		{500, read.BoundDescriptors, stats.Interval{}, read.Confirmed, "500 clients or more"},
		{9600, read.BoundLatency, stats.Interval{}, read.Refuted, "9.6 times their upper end"},
		{1000, read.BoundClient, stats.Interval{}, read.Refuted, "1000 clients or more"},
		{64, read.BoundWorkers, stats.Interval{}, read.Refuted, "only 64 clients; what keeps it from more is workers"},
		{64, read.BoundClient, stats.Interval{}, read.Undecidable, "not the server's own: the client"},
		{64, read.BoundSearch, stats.Interval{}, read.Undecidable, "64 clients; no valid trial tells what keeps it from more."},
		{0, read.BoundFailure, stats.Interval{}, read.Refuted, "only 0"},
		{500, read.BoundLatency, stats.Interval{Estimate: 480, Low: 300, High: 700}, read.Confirmed, "serves 480 clients (300 to 700)."},
		{500, read.BoundLatency, stats.Interval{Estimate: 480, Low: 80, High: 700}, read.Undecidable, "both hundreds and other numbers"},
		{900, read.BoundLatency, stats.Interval{Estimate: 900, Low: 700, High: 1200}, read.Undecidable, "(700 to 1.2k)"},
		{900, read.BoundLatency, stats.Interval{Estimate: 900, Low: 80, High: math.Inf(1)}, read.Undecidable, "(80 or more)"},
		{900, read.BoundLatency, stats.Interval{Estimate: 900, Low: 700, High: math.Inf(1)}, read.Confirmed, "(700 or more)"},
		{2000, read.BoundLatency, stats.Interval{Estimate: 2000, Low: 1500, High: 3000}, read.Refuted, "2 times their upper end"},
		{20, read.BoundLatency, stats.Interval{Estimate: 20, Low: 10, High: 60}, read.Refuted, "only 20 clients"},
	} {
		t.Run(fmt.Sprintf("%d %s %v", row.clients, row.bound, row.within), func(t *testing.T) {
			trial := &results.Trial{Trial: 7}
			f := hundreds.read(map[string]read.Capacity{hundreds.row: {Most: row.clients, Within: row.within, Bound: row.bound, At: 2 * row.clients, Trial: trial, Probes: 5}, hundreds.counterpart: {Probes: 1}})
			outcomeOf(t, f, row.want, row.says)
			if len(f.figures) != 2 || len(f.figures[0].Trials) != 1 || f.figures[0].Trials[0] != 7 {
				t.Errorf("%+v", f.figures)
			}
		})
	}
}

// TestReadCapacityOfNothing: what no trial tells is no 0.
func TestReadCapacityOfNothing(t *testing.T) {
	f := families[0].read(map[string]read.Capacity{families[0].counterpart: {Most: 640, Probes: 2}})
	outcomeOf(t, f, read.Undecidable, "How many clients python-threading serves is not known: no valid trial.")
	if len(f.figures) != 1 || f.figures[0].Value != 640 {
		t.Errorf("%+v", f.figures)
	}
}

func TestReadReserved(t *testing.T) {
	for _, row := range []struct {
		name string
		f    footprint
		want read.ClaimOutcome
		says string
	}{
		{"as said", footprint{100, 1e6, stacks{8 << 20, 101, 8200}}, read.Confirmed, "8 MiB"},
		{"no limit", footprint{100, 1e6, stacks{}}, read.Undecidable, "none"},
		{"another limit", footprint{100, 1e6, stacks{1 << 20, 100, 8200}}, read.Undecidable, "1 MiB"},
		{"none of that size", footprint{100, 1e6, stacks{8 << 20, 0, 0}}, read.Refuted, "only 0 stacks"},
	} {
		t.Run(row.name, func(t *testing.T) { outcomeOf(t, readReserved("row", row.f), row.want, row.says) })
	}
}

func TestReadResident(t *testing.T) {
	small, large := footprint{threads: 10, growth: 10 * 16e3}, footprint{threads: 10, growth: 10 * 100e3}
	outcomeOf(t, readResident(map[string]footprint{"a": small, "b": small}, "a", "b"), read.Confirmed, "15.6 KiB of a and 15.6 KiB of b.")
	outcomeOf(t, readResident(map[string]footprint{"a": large, "b": large}, "a", "b"), read.Refuted, "97.7 KiB")
	outcomeOf(t, readResident(map[string]footprint{"a": small, "b": large}, "a", "b"), read.Undecidable, "not the same for all")
}

func TestReadChurn(t *testing.T) {
	series := func(switching, faulting time.Duration, n int) []burden {
		var all []burden
		for i := range time.Duration(n) {
			all = append(all, burden{switching: switching + i, faulting: faulting + i})
		}
		return all
	}
	wild := []burden{{switching: 1, faulting: 2}, {switching: 2, faulting: 1}}
	for _, row := range []struct {
		name string
		of   []burden
		want read.ClaimOutcome
		says string
	}{
		{"more", series(2000, 1000, 8), read.Confirmed, "of a connection to a cost 2 times"},
		{"less", series(1000, 2000, 8), read.Refuted, "0.5"},
		{"the same cost", slices.Concat(wild, wild, wild, wild), read.Undecidable, "vary too much to tell: it may be 0."},
		{"few", series(2000, 1000, 1), read.Undecidable, "too few"},
	} {
		t.Run(row.name, func(t *testing.T) { outcomeOf(t, readChurn("a", row.of), row.want, row.says) })
	}
}

func TestReadTotal(t *testing.T) {
	outcomeOf(t, readTotal(6, acceptedClients), read.Confirmed, "6 connections wait")
	outcomeOf(t, readTotal(refusedClients, acceptedClients), read.Refuted, "")
	outcomeOf(t, readTotal(6, 5), read.Refuted, "5 clients are served")
	if one, two := readTotal(6, acceptedClients).figures[0].Note, readTotal(7, acceptedClients).figures[0].Note; strings.Contains(one, "handshake") || !strings.Contains(two, "handshake") {
		t.Errorf("%q, %q", one, two)
	}
}

// storms are trials of rows that connect in times of ms, a block each.
func storms(times map[string][]int) []results.Trial {
	var trials []results.Trial
	for row, all := range times {
		for block, ms := range all {
			l := results.Latency{P99: results.Nanos(ms) * results.Nanos(time.Millisecond)}
			trials = append(trials, results.Trial{Model: row, Block: block, Trial: len(trials), ConnectLatency: &l, Verdicts: []string{results.Noisy}})
		}
	}
	return trials
}

func TestReadStorm(t *testing.T) {
	often := func(times ...int) []int { return slices.Repeat(times, 12) }
	quick, slow, mixed := often(2, 3), often(1020, 1030), often(1, 1030)
	for _, row := range []struct {
		name    string
		times   []int
		longest []int
		short   read.ClaimOutcome // that it is for development
		usual   read.ClaimOutcome // that it is for production
		says    string            // of the latter
	}{
		{"harmful", slow, quick, read.Confirmed, read.Refuted, "in 24 of 24 storms with backlog=128, and in 0 of 24 with"},
		{"harmless", quick, quick, read.Refuted, read.Confirmed, "in 0 of 24 storms with backlog=128"},
		{"now and then", mixed, quick, read.Confirmed, read.Refuted, "in 12 of 24 storms with backlog=128"},
		{"now and then, by few", mixed[:6], quick[:6], read.Undecidable, read.Undecidable, "too few"},
		{"always, by few", slow[:6], quick[:6], read.Confirmed, read.Refuted, "in 6 of 6 storms with backlog=128, and in 0 of 6 with"},
		{"wild", often(1, 40), quick, read.Undecidable, read.Undecidable, "That does not tell: to connect takes "},
		{"as bad as the longest", slow, slow, read.Undecidable, read.Undecidable, "That does not tell"},
		{"few", slow[:1], quick[:1], read.Undecidable, read.Undecidable, "too few"},
		{"none", nil, quick, read.Undecidable, read.Undecidable, "too few"},
	} {
		t.Run(row.name, func(t *testing.T) {
			all := readStorms(storms(map[string][]int{"backlog=5": row.times, "backlog=128": row.times, "backlog=4096": row.longest}), "backlog=5", "backlog=128", "backlog=4096")
			if all[0].outcome != row.short {
				t.Errorf("for development: %+v", all[0])
			}
			outcomeOf(t, all[1], row.usual, row.says)
		})
	}
}

func TestReadLongest(t *testing.T) {
	for _, row := range []struct {
		times []int
		want  read.ClaimOutcome
		says  string
	}{
		{slices.Repeat([]int{1, 2, 3}, 4), read.Confirmed, "in 0 of 12 storms"},
		{slices.Repeat([]int{1, 2, 3}, 3), read.Undecidable, "too few"},
		{slices.Repeat([]int{1, 1020, 3}, 4), read.Undecidable, "in 4 of 12"},
		{slices.Repeat([]int{1020, 1020, 3}, 4), read.Refuted, "in 8 of 12"},
	} {
		outcomeOf(t, readLongest(storms(map[string][]int{"a": row.times}), "a"), row.want, row.says)
	}
}

func TestReadReads(t *testing.T) {
	names := []string{"small", "middle", "large"}
	outcomeOf(t, readReads(names, []float64{66, 18, 3}), read.Confirmed, "66 calls with small and 3 with large")
	outcomeOf(t, readReads(names, []float64{66, 3, 3}), read.Refuted, "")
}

func TestReadMemory(t *testing.T) {
	names := []string{"small", "large"}
	low, high := []float64{8, 9, 8, 9, 8, 9, 8, 9}, []float64{70, 71, 70, 71, 70, 71, 70, 71}
	outcomeOf(t, readMemory(map[string][]float64{"small": low, "large": high}, names), read.Confirmed, "8.31 times")
	outcomeOf(t, readMemory(map[string][]float64{"small": high, "large": low}, names), read.Refuted, "")
	outcomeOf(t, readMemory(map[string][]float64{"small": low, "large": low}, names), read.Undecidable, "vary too much")
	lower := []float64{3, 4, 3, 4, 3, 4, 3, 4}
	outcomeOf(t, readMemory(map[string][]float64{"small": low, "middle": lower, "large": high}, []string{"small", "middle", "large"}), read.Undecidable, "But with middle it takes 0.")
}

func TestReadHold(t *testing.T) {
	outcomeOf(t, readWith(hold{lasted: time.Millisecond, over: true}), read.Confirmed, "after 1 ms")
	outcomeOf(t, readWith(hold{lasted: time.Second, over: true, first: fmt.Errorf("in use")}), read.Refuted, "after 1 s")
	outcomeOf(t, readWithout(hold{lasted: time.Minute, over: true}), read.Confirmed, "after 60 s")
	outcomeOf(t, readWithout(hold{lasted: time.Second, over: true}), read.Refuted, "after 1 s")
	outcomeOf(t, readWithout(hold{lasted: 76 * time.Second}), read.Refuted, "not be bound again within 76 s")
}

func TestReadPartial(t *testing.T) {
	outcomeOf(t, readReceived([]int{5, 4096, 7}), read.Confirmed, "3 receives returned 3 different sizes from 5 to 4096")
	outcomeOf(t, readReceived([]int{5, 5000}), read.Refuted, "")
	outcomeOf(t, readReceived([]int{5, 5}), read.Refuted, "")
	outcomeOf(t, readSent(4<<20), read.Confirmed, "took 4 MiB")
	outcomeOf(t, readSent(hugeSend), read.Refuted, "")
}

func TestReadLeak(t *testing.T) {
	outcomeOf(t, readLeak(1014, leakClients), read.Confirmed, "1014 clients and then none")
	outcomeOf(t, readLeak(leakClients, leakClients), read.Refuted, "")
	outcomeOf(t, readLeak(1014, 1500), read.Undecidable, "something else")
}

func TestReadDatagrams(t *testing.T) {
	flood := func(lost, reordered int64) []results.Trial {
		return []results.Trial{{Model: "udp", Requests: 900, Datagrams: &results.Datagrams{Lost: lost, Reordered: reordered}}, {Model: "udp-multi", Failure: "gone"}}
	}
	over := func(links string, lost, reordered int64) []results.Trial {
		return append(flood(0, 0), results.Trial{Model: "udp" + links, Requests: 80, Datagrams: &results.Datagrams{Lost: lost, Reordered: reordered}},
			results.Trial{Model: "goroutine" + links, Requests: 90, Errors: map[string]int64{"read_timeout": 10}})
	}
	outcomeOf(t, readLoss(flood(100, 0)), read.Confirmed, "udp loses 10 % of the datagrams where its clients overrun its receive buffer")
	outcomeOf(t, readLoss(flood(0, 0)), read.Undecidable, "Nothing was lost")
	outcomeOf(t, readLoss(over(overOne, 20, 0)), read.Confirmed, "udp-over-one-link loses 20 % of the datagrams where its clients overrun the queue of a link")
	outcomeOf(t, readOrder(flood(0, 9), nil), read.Confirmed, "1 % of the answers of udp come after")
	outcomeOf(t, readOrder(over(overTwo, 0, 40), nil), read.Confirmed, "50 % of the answers of udp-over-two-links come after")
	outcomeOf(t, readOrder(over(overTwo, 9, 0), nil), read.Undecidable, "even over two links")
	outcomeOf(t, readOrder(flood(9, 0), errors.New("not permitted")), read.Undecidable, "one way for datagrams. Of two ways: It could not be measured: not permitted.")
	f := readOrder(over(overTwo, 0, 40), nil)
	if tcp := f.figures[len(f.figures)-1]; tcp.Name != "without an answer, goroutine-over-two-links" || tcp.Value != 10 {
		t.Errorf("of TCP: %+v", tcp)
	}
}

// latencies are trials of two rows at each rate, a block each, of so many µs, in the median and in
// the 99th percentile.
func latencies(p50, p99 map[string]int) []results.Trial {
	var trials []results.Trial
	for i, rate := range lightRates {
		for row, us := range p50 {
			for block := range 8 {
				micros := func(us int) results.Nanos { return results.Nanos((us + block%2) * 1000) }
				trials = append(trials, results.Trial{Model: row, Block: 8*i + block, Trial: len(trials), Loop: results.OpenLoop, RateRPS: rate,
					Verdicts: []string{}, ResponseLatency: &results.Latency{P50: micros(us), P99: micros(p99[row])}})
			}
		}
	}
	return trials
}

func TestReadLatency(t *testing.T) {
	of := [2]string{"a", "b"}
	for _, row := range []struct {
		name     string
		p50, p99 map[string]int
		want     read.ClaimOutcome
		says     string
	}{
		{"lower", map[string]int{"a": 50, "b": 100}, map[string]int{"a": 200, "b": 400}, read.Confirmed, "0.50 times at 2k/s and 0.50 times at 10k/s"},
		{"higher", map[string]int{"a": 100, "b": 50}, map[string]int{"a": 200, "b": 400}, read.Refuted, ""},
		{"lower but in the tail", map[string]int{"a": 50, "b": 100}, map[string]int{"a": 800, "b": 400}, read.Undecidable, "But the 99th percentile is 2.00 times as high at 2k/s"},
		{"not measured", nil, nil, read.Undecidable, "too few"},
	} {
		t.Run(row.name, func(t *testing.T) {
			outcomeOf(t, readLatency(latencies(row.p50, row.p99), of), row.want, row.says)
		})
	}
	if f := readLatency(latencies(map[string]int{"a": 5, "b": 5}, nil), [2]string{"a", "b"}); f.outcome != read.Undecidable {
		t.Errorf("the same: %+v", f)
	}
}

func TestReadSigns(t *testing.T) {
	all := []sign{
		{"it closes", "EPIPE", nil, []string{"EPIPE", "EPIPE"}, false},
		{"it is killed", "ECONNRESET", nil, []string{"ECONNRESET"}, true},
	}
	outcomeOf(t, readSigns(all, false), read.Confirmed, "as it is said to")
	outcomeOf(t, readSigns(all, true), read.Confirmed, "shows so")
	all[1].seen[0] = "zero-length read"
	outcomeOf(t, readSigns(all, false), read.Confirmed, "as it is said to")
	outcomeOf(t, readSigns(all, true), read.Refuted, "Where it is killed there is a zero-length read")
	all[0].seen[1] = "timeout"
	outcomeOf(t, readSigns(all, false), read.Refuted, "there is a timeout and not a EPIPE")
}

func TestReadSurvival(t *testing.T) {
	all := []survival{{"a", true, true, ""}, {"b", true, true, ""}}
	outcomeOf(t, readSurvival(all), read.Confirmed, "All 2 servers")
	outcomeOf(t, readBeside(all), read.Confirmed, "All answer")
	all[1].beside = false
	outcomeOf(t, readSurvival(all), read.Confirmed, "All 2 servers")
	outcomeOf(t, readBeside(all), read.Refuted, "nobody else is answered by b:")
	outcomeOf(t, readSurvival(append(all, survival{"c", false, false, "reset"})), read.Refuted, "1 of 3 servers do not answer afterwards: c (reset)")
	outcomeOf(t, readBeside(nil), read.Undecidable, "No server")
}
