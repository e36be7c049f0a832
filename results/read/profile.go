package read

import (
	"fmt"
	"slices"

	"connbench/results"
	"connbench/results/stats"
)

// Profile is what a table says of a row.
type Profile struct {
	Model    string
	Capacity Capacity
	// PerCore is the highest throughput that a CPU gives, in requests/s: the median of
	// throughput over the CPU time that it took. HalfP99 is the 99th percentile of the
	// response at half of the highest throughput, in ns. Either is nil where no trial is
	// valid.
	PerCore, HalfP99 *stats.Interval
	// HalfAtMost stands in for HalfP99 where no trial is valid: the same of the trials
	// in which only the client was late or others had the machine ([results.ClientBound],
	// [results.Noisy]), as on a busy machine a stall of a few milliseconds in a short window is a
	// whole percentile. Latency counts from when a request was due, so that both add to it
	// and neither takes away from it: the server's own is at most that.
	HalfAtMost *stats.Interval
	// Idle is the memory of a connection that has sent nothing, and Threads those of the
	// server, where it served the most clients; nil and 0 where that is not known.
	Idle    *results.IdleMemory
	Threads int
	// Parked are the server's threads that wait in system calls for one client each,
	// while all clients are connected and silent.
	Parked int
	Advice Advice
}

// Words are what somebody says of a row without a measurement, to stand beside what
// was measured.
type Words struct {
	Clients    string `json:"clients"`
	Complexity string `json:"complexity"`
	Blocking   string `json:"blocking"`
	Use        string `json:"use"`
}

// Magnitude is a word in which numbers of clients are told where nobody has measured them,
// and the numbers for which it is taken.
type Magnitude struct {
	Word        string
	From, Below float64
}

// Magnitudes are the words in order.
var Magnitudes = []Magnitude{
	{"tens", 10, 100},
	{"hundreds", 100, 1000},
	{"thousands", 1000, 10e3},
	{"tens of thousands", 10e3, 100e3},
}

// Source is how much source a row takes.
type Source struct{ Lines, Cyclomatic int }

// ComparisonTable is a comparison table: profiles, and what is known of their rows
// beside the measurement.
type ComparisonTable struct {
	Goal       Goal
	ClientRate float64 // requests/s of each client
	Saturating int     // clients
	Profiles   []Profile
	Words      map[string]Words  // by model; of those that there are
	Sources    map[string]Source // by model, too
	Env        *results.Environment
}

// Said is how many clients somebody says of a model without a measurement; nil if none.
func (c *ComparisonTable) Said(model string) *Magnitude {
	return results.Find(Magnitudes, func(m *Magnitude) bool { return m.Word == c.Words[model].Clients })
}

// Profiles reads the profiles of models from the trials of a table.
func Profiles(goal Goal, trials []results.Trial, models []string) []Profile {
	final := results.Final(trials)
	profiles := make([]Profile, len(models))
	for i, model := range models {
		profiles[i] = profileOf(goal, model, of(model, trials), of(model, final))
	}
	advise(profiles)
	return profiles
}

// of are a model's trials.
func of(model string, trials []results.Trial) (ours []*results.Trial) {
	for i := range trials {
		if trials[i].Model == model {
			ours = append(ours, &trials[i])
		}
	}
	return ours
}

// profileOf rests on all attempts for the capacity, and on the final ones else.
func profileOf(goal Goal, model string, attempts, trials []*results.Trial) Profile {
	p := Profile{Model: model, Capacity: goal.CapacityOf(attempts)}
	p.PerCore = medianOf(trials, results.ProbeSaturation, func(t *results.Trial) (float64, bool) {
		cpu, known := results.ServerCPU.Of(t)
		return 1e9 / cpu, known && cpu > 0
	})
	if p.HalfP99 = medianOf(trials, results.ProbeHalf, results.P99.Of); p.HalfP99 == nil {
		p.HalfAtMost = medianOf(onlyDisturbed(trials), results.ProbeHalf, results.P99.Of)
	}
	if t := p.Capacity.Trial; t != nil && t.ServerUsage != nil {
		p.Idle, p.Threads = t.ServerIdle, t.ServerThreads
	}
	for _, t := range trials {
		if t.ServerUsage != nil && t.Probe == results.ProbeSaturation {
			p.Parked = max(p.Parked, blocking(t.ServerParked))
			if p.Threads == 0 {
				p.Threads = t.ServerThreads
			}
		}
	}
	return p
}

// onlyDisturbed leaves the trials with figures whose verdicts are none but [results.ClientBound]
// and [results.Noisy], and takes these from them.
func onlyDisturbed(trials []*results.Trial) []*results.Trial {
	var left []*results.Trial
	for _, t := range trials {
		if OnlyDisturbed(t) {
			undisturbed := *t
			undisturbed.Verdicts = nil
			left = append(left, &undisturbed)
		}
	}
	return left
}

// OnlyDisturbed reports whether nothing is held against the trial but what the client or
// others on the machine did: its latency is not lower than it says.
func OnlyDisturbed(t *results.Trial) bool {
	return !slices.ContainsFunc(t.Verdicts, func(v string) bool { return v != results.ClientBound && v != results.Noisy })
}

// medianOf is over the valid trials of a probe, nil if there is none.
func medianOf(trials []*results.Trial, probe string, value func(*results.Trial) (float64, bool)) *stats.Interval {
	var values []float64
	for _, t := range trials {
		if v, known := value(t); known && t.Probe == probe && t.Valid() {
			values = append(values, v)
		}
	}
	return anyMedian(values)
}

// waitsForOne are the calls that wait for a single client, or for the next one.
var waitsForOne = []string{"read", "readv", "recvfrom", "recvmsg", "accept", "accept4"}

func blocking(p results.Parked) int {
	n := 0
	for call, threads := range p {
		if slices.Contains(waitsForOne, call) {
			n += threads
		}
	}
	return n
}

// Advice is a recommended use, and the figure of the table that it rests on.
type Advice struct {
	Use     string `json:"use"`
	Because string `json:"because"`
}

// What the rules below take for much and little.
const (
	fewClients  = 10     // a tool's, not a service's
	manyClients = 10_000 // beyond what a process for each could do
	someClients = 1_000
	dearIdle    = 16 << 10 // bytes of an idle connection: a gigabyte for 65,536
	nearBest    = 1.25     // times the CPU time per request of the cheapest row
)

// advise gives each row the use that the first rule gives which fits it. The rules
// are those of an engineer who has the table in hand and nothing else.
func advise(profiles []Profile) {
	best := 0.0 // requests/s a CPU
	for i := range profiles {
		if p := &profiles[i]; p.PerCore != nil && p.Capacity.Clients > fewClients {
			best = max(best, p.PerCore.Estimate)
		}
	}
	for i := range profiles {
		profiles[i].Advice = profiles[i].advice(best)
	}
}

func (p *Profile) advice(best float64) Advice {
	clients := "it keeps up with " + results.Plural(p.Capacity.Clients, "client")
	near := p.PerCore != nil && p.PerCore.Estimate*nearBest >= best
	rate := ""
	if p.PerCore != nil {
		rate = results.Count(p.PerCore.Estimate) + " requests/s a CPU, the best has " + results.Count(best)
	}
	switch {
	case p.Capacity.Clients == 0:
		return Advice{"none here", "not one client kept up with: " + p.Capacity.BoundText()}
	case p.Capacity.Clients <= fewClients:
		return Advice{"tools and tests", clients}
	case p.Capacity.Bound == BoundWorkers && p.Capacity.Clients < someClients:
		return Advice{fmt.Sprintf("at most %d clients that stay connected", p.Capacity.Clients), "those beyond are not served at all"}
	case p.Capacity.Clients < someClients:
		return Advice{"small services", clients}
	case p.Idle != nil && p.Idle.ResidentBytes > dearIdle:
		return Advice{"few busy connections", results.Bytes(int64(p.Idle.ResidentBytes)) + " for an idle one"}
	case p.Capacity.Clients >= manyClients && near:
		return Advice{"many connections at high rates", rate}
	case p.Capacity.Clients >= manyClients:
		return Advice{"many connections, most of them idle", clients + "; " + rate}
	case near:
		return Advice{"thousands of busy connections", rate}
	}
	return Advice{"services of a few thousand clients", clients}
}
