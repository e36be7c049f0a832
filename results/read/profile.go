package read

import (
	"cmp"
	"fmt"
	"slices"

	"connbench/results"
	"connbench/results/stats"

	"gonum.org/v1/gonum/stat"
)

// Profile is what a table says of a row.
type Profile struct {
	Model    string
	Capacity Capacity   // the first of Answers
	Answers  []Capacity // to the questions of the table, in their order
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
	// Idle is the memory of a connection that has sent nothing, nil where that is not known: of each
	// more, where it was seen with several numbers of them, from IdleFrom to its Connections.
	Idle     *results.IdleMemory
	IdleFrom int
	Threads  int // of the server where it served the most clients; 0 where that is not known
	// Parked are the server's threads that wait in system calls for one client each,
	// while all clients are connected and silent.
	Parked int
	Advice Advice

	datagrams bool
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
	ClientRate float64 // requests/s of each client, in the first question
	Questions  []Question
	Saturating int // clients
	Profiles   []Profile
	Words      map[string]Words  // by model; of those that there are
	Sources    map[string]Source // by model, too
	Env        *results.Environment
}

// Said is how many clients somebody says of a model without a measurement; nil if none.
func (c *ComparisonTable) Said(model string) *Magnitude {
	return results.Find(Magnitudes, func(m *Magnitude) bool { return m.Word == c.Words[model].Clients })
}

// Profiles reads the profiles of models from the trials of a table that asked questions.
func Profiles(goal Goal, questions []Question, trials []results.Trial, models []string) []Profile {
	final := results.Final(trials)
	profiles := make([]Profile, len(models))
	for i, model := range models {
		profiles[i] = profileOf(goal, questions, model, of(model, trials), of(model, final))
	}
	advise(goal, profiles)
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
func profileOf(goal Goal, questions []Question, model string, attempts, trials []*results.Trial) Profile {
	p := Profile{Model: model, Answers: make([]Capacity, len(questions))}
	for i := range questions {
		p.Answers[i] = goal.CapacityOf(goal.Probes(questions, i, attempts))
	}
	p.Capacity = p.Answers[Plain]
	if quiet := &p.Answers[Quiet]; quiet.Probes == 0 && Implies(&p.Capacity) {
		*quiet = p.Capacity
		quiet.Implied = true
	}
	p.PerCore = medianOf(trials, results.ProbeSaturation, func(t *results.Trial) (float64, bool) {
		cpu, known := results.ServerCPU.Of(t)
		return 1e9 / cpu, known && cpu > 0
	})
	if p.HalfP99 = medianOf(trials, results.ProbeHalf, results.P99.Of); p.HalfP99 == nil {
		p.HalfAtMost = medianOf(onlyDisturbed(trials), results.ProbeHalf, results.P99.Of)
	}
	p.Idle, p.IdleFrom = idleOf(attempts)
	if t := p.Capacity.Trial; t != nil && t.ServerUsage != nil {
		p.Threads = t.ServerThreads
	}
	for _, t := range trials {
		p.datagrams = p.datagrams || t.Network == "udp"
		if t.ServerUsage != nil && t.Probe == results.ProbeSaturation {
			p.Parked = max(p.Parked, blocking(t.ServerParked))
			p.Threads = cmp.Or(p.Threads, t.ServerThreads)
		}
	}
	return p
}

// Implies reports whether what is known with clients at a rate holds for quieter ones too: what
// ends it there is a lack of room, or nothing.
func Implies(c *Capacity) bool { return c.Probes > 0 && !c.Estimated() && c.Most > 0 }

// TellsIdle reports whether a trial says what an idle connection takes: one that waits in the
// backlog for a server that has no room for it takes nothing of that.
func TellsIdle(t *results.Trial) bool {
	return t.ServerUsage != nil && t.ServerIdle != nil && t.ClientsServed >= t.ClientsActive && !results.IdleLeftOut(t)
}

// idleOf is the memory of each more idle connection: how it grows with their number, from the
// fewest to the most, and so without what a server takes for any number. Where that was seen
// with one number only it is the quotient, and from is 0.
func idleOf(trials []*results.Trial) (idle *results.IdleMemory, from int) {
	var seen []*results.IdleMemory
	for _, t := range trials {
		if TellsIdle(t) {
			seen = append(seen, t.ServerIdle)
		}
	}
	if len(seen) == 0 {
		return nil, 0
	}
	slices.SortStableFunc(seen, func(a, b *results.IdleMemory) int { return a.Connections - b.Connections })
	most := *seen[len(seen)-1]
	if 2*seen[0].Connections > most.Connections {
		return &most, 0
	}
	slope := func(of func(*results.IdleMemory) *float64) *float64 {
		var x, y []float64
		for _, m := range seen {
			if each := of(m); each != nil {
				x, y = append(x, float64(m.Connections)), append(y, *each*float64(m.Connections))
			}
		}
		if len(x) < len(seen) {
			return nil
		}
		_, grows := stat.LinearRegression(x, y, nil, false)
		return &grows
	}
	most.ResidentBytes = *slope(func(m *results.IdleMemory) *float64 { return &m.ResidentBytes })
	most.HeapBytes = slope(func(m *results.IdleMemory) *float64 { return m.HeapBytes })
	most.StackBytes = slope(func(m *results.IdleMemory) *float64 { return m.StackBytes })
	most.KernelBytes = slope(func(m *results.IdleMemory) *float64 { return m.KernelBytes })
	return &most, seen[0].Connections
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
	fewClients  = 10       // a tool's, not a service's
	someClients = 1_000    // beyond what a process for each could do
	dearIdle    = 16 << 10 // bytes of an idle connection: a gigabyte for 65,536
	amongBest   = 0.9      // of the highest rate
)

// advise gives each row the use that follows from its figures: how many clients, and how fast
// beside the fastest of its kind, streams or datagrams.
func advise(goal Goal, profiles []Profile) {
	for _, p := range results.Each(profiles) {
		best := results.Map(rateQuestions, func(q int) (b bestRate) {
			for _, o := range results.Each(profiles) {
				if o.datagrams == p.datagrams {
					b.most = max(b.most, o.Answers[q].Most)
					b.open = b.open || o.Answers[q].Probes == 0 && o.Capacity.Most > someClients
				}
			}
			return b
		})
		p.Advice = p.advice(goal, best)
	}
}

// bestRate is the highest in requests/s that is known of rows of a kind.
type bestRate struct {
	most int
	open bool // of a row with room for so many clients it is not known
}

// rateQuestions are those of a rate: what many clients say comes before what few say.
var rateQuestions = []int{RateOfMany, RateOfFew}

// rate is the share of the best rate that the row has, and of how many clients that is; none where
// it serves no rate.
func (p *Profile) rate(best []bestRate) (share float64, question int) {
	for i, q := range rateQuestions {
		if most := p.Answers[q].Most; most > 0 {
			return float64(most) / float64(best[i].most), q
		}
	}
	return 0, -1
}

func (p *Profile) advice(goal Goal, best []bestRate) Advice {
	c := &p.Capacity
	because := "it keeps up with " + results.Plural(c.Most, "client") + ": " + c.BoundText()
	if c.Bound == BoundSearch {
		because = "it keeps up with " + results.Plural(c.Most, "client") + ", and the search went no further"
	}
	switch {
	case c.Most == 0:
		return Advice{"none here", "not one client kept up with: " + c.BoundText()}
	case c.Most <= fewClients:
		return Advice{"tools and tests", because}
	case c.Bound == BoundWorkers && c.Most < someClients:
		return Advice{fmt.Sprintf("at most %s that stay connected", results.Plural(c.Most, "client")), "those beyond are not served at all"}
	}
	use := "up to " + results.Count(float64(c.Most)) + " clients"
	if goal.Limits(c) || c.Estimated() && !c.Within.Bounded() {
		use = results.Count(float64(c.Most)) + " clients or more"
	}
	if share, q := p.rate(best); q >= 0 {
		how := fmt.Sprintf("%.2g of the best rate", share)
		if share >= amongBest {
			how = "among the fastest"
		}
		b := best[slices.Index(rateQuestions, q)]
		if b.open {
			how += " known"
		}
		use += ", " + how
		because += fmt.Sprintf("; %s requests/s of the %s of the best", results.Count(float64(p.Answers[q].Most)), results.Count(float64(b.most)))
	}
	if p.Idle != nil && p.Idle.ResidentBytes > dearIdle {
		use += ", " + results.Bytes(int64(p.Idle.ResidentBytes)) + " for each"
	}
	return Advice{use, because}
}
