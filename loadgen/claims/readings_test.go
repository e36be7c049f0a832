package claims

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"connbench/results"
	"connbench/results/read"
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
		want    read.ClaimOutcome
		says    string
	}{
		{500, read.BoundLatency, read.Confirmed, "serves 500 clients."},
		{500, read.BoundDescriptors, read.Confirmed, "500 clients or more"},
		{9600, read.BoundLatency, read.Refuted, "9.6 times their upper end"},
		{1000, read.BoundClient, read.Refuted, "1000 clients or more"},
		{64, read.BoundWorkers, read.Refuted, "only 64 clients; what keeps it from more is workers"},
		{64, read.BoundClient, read.Undecidable, "not the server's own: the client"},
		{0, read.BoundFailure, read.Refuted, "only 0"},
	} {
		t.Run(fmt.Sprintf("%d %s", row.clients, row.bound), func(t *testing.T) {
			trial := &results.Trial{Trial: 7}
			f := hundreds.read(map[string]read.Capacity{hundreds.row: {Most: row.clients, Bound: row.bound, At: 2 * row.clients, Trial: trial}})
			outcomeOf(t, f, row.want, row.says)
			if len(f.figures) != 2 || len(f.figures[0].Trials) != 1 || f.figures[0].Trials[0] != 7 {
				t.Errorf("%+v", f.figures)
			}
		})
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
	outcomeOf(t, readResident(map[string]footprint{"a": small, "b": large}, "a", "b"), read.Confirmed, "15.6 KiB")
	outcomeOf(t, readResident(map[string]footprint{"a": large, "b": small}, "a", "b"), read.Refuted, "97.7 KiB")
}

func TestReadChurn(t *testing.T) {
	series := func(switching, faulting time.Duration, n int) []burden {
		var all []burden
		for i := range time.Duration(n) {
			all = append(all, burden{switching: switching + i, faulting: faulting + i})
		}
		return all
	}
	more, less := series(2000, 1000, 8), series(1000, 2000, 8)
	for _, row := range []struct {
		name string
		a, b []burden
		want read.ClaimOutcome
		says string
	}{
		{"both more", more, more, read.Confirmed, "2 times in a and 2 times in b"},
		{"both less", less, less, read.Refuted, "0.5"},
		{"not the same", more, less, read.Undecidable, "not the same for all"},
		{"the same cost", more, series(1000, 1000, 8), read.Undecidable, "vary too much"},
		{"few", series(2000, 1000, 1), more, read.Undecidable, "too few"},
	} {
		t.Run(row.name, func(t *testing.T) {
			outcomeOf(t, readChurn(map[string][]burden{"a": row.a, "b": row.b}, "a", "b"), row.want, row.says)
		})
	}
}

func TestReadTotal(t *testing.T) {
	outcomeOf(t, readTotal(6, acceptedClients), read.Confirmed, "6 connections wait")
	outcomeOf(t, readTotal(refusedClients, acceptedClients), read.Refuted, "")
	outcomeOf(t, readTotal(6, 5), read.Refuted, "5 clients are served")
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
	quick, slow, mixed := []int{2, 3, 2, 3, 2, 3, 2, 3}, []int{1020, 1030, 1020, 1030, 1020, 1030, 1020, 1030}, []int{1, 1030, 1, 1030, 1, 1030, 1, 1030}
	for _, row := range []struct {
		name        string
		times       []int
		development bool
		want        read.ClaimOutcome
		says        string
	}{
		{"harmful as said", slow, true, read.Confirmed, "within 1.02 s with row"},
		{"harmful though not said so", slow, false, read.Refuted, ""},
		{"harmless as said", quick, false, read.Confirmed, ""},
		{"harmless though said not to be", quick, true, read.Refuted, ""},
		{"either", mixed, false, read.Undecidable, "differ too much"},
		{"few", slow[:1], true, read.Undecidable, "too few"},
		{"none", nil, true, read.Undecidable, "too few"},
	} {
		t.Run(row.name, func(t *testing.T) {
			trials := storms(map[string][]int{"row": row.times, "longest": quick})
			outcomeOf(t, readStorm(trials, "row", "longest", row.development), row.want, row.says)
		})
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
	outcomeOf(t, readLoss(flood(100, 0)), read.Confirmed, "loses 10 %")
	outcomeOf(t, readLoss(flood(0, 0)), read.Undecidable, "Nothing was lost")
	outcomeOf(t, readOrder(flood(0, 9)), read.Confirmed, "overtook")
	outcomeOf(t, readOrder(flood(9, 0)), read.Undecidable, "one way")
}

func TestReadLatency(t *testing.T) {
	var trials []results.Trial
	add := func(row string, us int) {
		for block := range 8 {
			p50 := results.Nanos((us + block%2) * 1000)
			trials = append(trials, results.Trial{Model: row, Block: block, Trial: len(trials), Loop: results.OpenLoop,
				Verdicts: []string{}, ResponseLatency: &results.Latency{P50: p50}})
		}
	}
	add("udp", 40)
	add("goroutine", 60)
	add("python-udp", 50)
	add("python-threading", 100)
	outcomeOf(t, readLatency(trials), read.Confirmed, "python-udp has 0.50 times")
}

func TestReadSigns(t *testing.T) {
	as := []sign{{"it closes", "EPIPE", nil, []string{"EPIPE", "EPIPE"}}}
	outcomeOf(t, readSigns(as), read.Confirmed, "as it is said to")
	as[0].seen[1] = "timeout"
	outcomeOf(t, readSigns(as), read.Refuted, "there is a timeout and not a EPIPE")
}

func TestReadSurvival(t *testing.T) {
	all := []survival{{"a", true, true, ""}, {"b", true, false, ""}}
	outcomeOf(t, readSurvival(all), read.Confirmed, "holds up b")
	outcomeOf(t, readSurvival(append(all, survival{"c", false, false, "reset"})), read.Refuted, "1 of 3 servers do not answer afterwards: c (reset)")
}
