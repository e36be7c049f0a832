package read

import (
	"fmt"

	"connbench/results"
)

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
