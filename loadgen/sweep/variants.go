package sweep

import (
	"fmt"
	"strings"
	"time"

	"connbench/results/read"
)

// Scout is the closed loop that finds what the rows of a plan can answer. Noise is no matter, as the
// best trial counts.
func (p *Plan) Scout() Plan {
	scout := *p
	scout.Trials, scout.Retries, scout.Duration = 3, 0, min(p.Duration, Duration(200*time.Millisecond))
	return scout
}

// TakesScouted is about how long the plan takes, behind its scout where it has no rate.
func (p *Plan) TakesScouted() time.Duration {
	total := p.Takes()
	if len(p.Rates) == 0 {
		scout := p.Scout()
		total += scout.Takes()
	}
	return total
}

// Variant is a plan with a change, and as few trials as there may be.
type Variant struct {
	read.Change
	Plan Plan
}

// The changes are by factors that a workload may well be wrong by.
const (
	clientsFactor = 8
	payloadFactor = 16
	workFactor    = 8
	someWork      = "cpu:20us" // where the server did none
)

// Variants are the nearest changes in clients, payload and work.
func Variants(plan *Plan) []Variant {
	var all []Variant
	add := func(what, from, to string, apply func(*Plan)) {
		changed := *plan
		changed.Trials = 6
		apply(&changed)
		all = append(all, Variant{read.Change{What: what, From: from, To: to}, changed})
	}
	clients, payload := plan.Clients[0], plan.Payloads[0].Size
	for _, n := range []int{clients / clientsFactor, clients * clientsFactor} {
		if n > 0 {
			add("clients", fmt.Sprint(clients), fmt.Sprint(n), func(p *Plan) { p.Clients = []int{n} })
		}
	}
	for _, n := range []Size{payload / payloadFactor, payload * payloadFactor} {
		if n > 0 && n <= DefaultPlan(nil).MaxFrame && !plan.Bare() {
			add("payload", payload.String(), n.String(), func(p *Plan) { p.Payloads = Sizes(n) })
		}
	}
	for _, work := range otherWork(plan.Work) {
		add("work", plan.Work, work, func(p *Plan) { p.Work = work })
	}
	return all
}

// otherWork is more and less of the same.
func otherWork(work string) []string {
	kind, amount, found := strings.Cut(work, ":")
	d, err := time.ParseDuration(amount)
	if !found || err != nil {
		return []string{someWork}
	}
	return []string{fmt.Sprintf("%s:%v", kind, d/workFactor), fmt.Sprintf("%s:%v", kind, d*workFactor)}
}
