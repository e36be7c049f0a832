package claims

import (
	"context"
	"fmt"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/results"
	"connbench/results/stats"
)

var churn = experiment{
	number: "3",
	title:  "what costs more under high connection rates",
	words: []string{
		"Under high connection rates scheduling and context switches cost more than memory.",
		"Under high connection rates scheduling and context switches cost more than memory, of threads in Go.",
	},
	method: fmt.Sprintf("%d clients that connect, ask once and close, as fast as they can, on servers with a thread for each connection. What wait4 "+
		"says of a server in the end, less that of one without clients, gives the context switches and page faults of a connection. "+
		"Times what one of either costs on this CPU, measured beside each repetition: a byte to and fro between two threads, less the calls for that; and "+
		"touching fresh pages. The tutorial's own server in Python comes first.", churnClients),
	run: (*Bench).churns,
}

const (
	churnClients = 64
	churnRepeats = 3 // of each repetition of another experiment: what either costs varies by a third
)

type burden struct {
	cpu              time.Duration
	switches, faults float64
	switching        time.Duration // what the switches cost
	faulting         time.Duration // and the faults
}

func (b *Bench) churns(ctx context.Context) ([]finding, error) {
	rows := []string{"python-threading", "thread"}
	of := map[string][]burden{}
	for range churnRepeats * b.Repeats {
		for _, model := range rows {
			one, err := b.burden(ctx, model)
			if err != nil {
				return nil, err
			}
			of[model] = append(of[model], one)
		}
	}
	return []finding{readChurn(rows[0], of[rows[0]]), readChurn(rows[1], of[rows[1]])}, nil
}

func (b *Bench) burden(ctx context.Context, model string) (burden, error) {
	var one burden
	row, err := b.Row(ctx, model, nil)
	if err != nil {
		return one, err
	}
	price, err := priceOn(b.Placement.Server)
	if err != nil {
		return one, err
	}
	idle, err := sweep.StartServer(ctx, row, b.Placement.Server)
	if err != nil {
		return one, err
	}
	defer idle.Kill()
	if _, err := idle.Stop(); err != nil {
		return one, err
	}
	spec := loadgen.DefaultSpec()
	spec.Clients, spec.RequestsPerConn, spec.Warmup, spec.Duration = churnClients, 1, 0, 2*b.Duration
	busy, err := b.drive(ctx, row, spec, nil, nil)
	if err != nil {
		return one, err
	}
	connections := float64(busy.Completed)
	if connections == 0 {
		return one, fmt.Errorf("%s answered on no connection", model)
	}
	all, none := busy.Server.Usage(), idle.Usage()
	if all == nil || none == nil {
		return one, fmt.Errorf("the system does not say what %s took", model)
	}
	one.cpu = time.Duration(float64(all.CPU-none.CPU) / connections)
	one.switches = float64(all.Switches-none.Switches) / connections
	one.faults = float64(all.Faults-none.Faults) / connections
	one.switching = time.Duration(one.switches * float64(price.change))
	one.faulting = time.Duration(one.faults * float64(price.fault))
	return one, nil
}

func readChurn(row string, of []burden) finding {
	column := func(value func(burden) float64) []float64 { return results.Map(of, value) }
	switching := column(func(b burden) float64 { return float64(b.switching) })
	faulting := column(func(b burden) float64 { return float64(b.faulting) })
	ratio := stats.RatioOf(switching, faulting)
	r := finding{sentence: fmt.Sprintf("The context switches of a connection to %s cost %.3g times the CPU time of its page faults.", row, ratio.Ratio.Estimate)}
	r.median("CPU time of a connection, "+row, "ns", column(func(b burden) float64 { return float64(b.cpu) }))
	r.median("context switches of a connection, "+row, "switches", column(func(b burden) float64 { return b.switches }))
	r.median("page faults of a connection, "+row, "faults", column(func(b burden) float64 { return b.faults }))
	r.median("time for these switches, "+row, "ns", switching)
	r.median("time for these faults, "+row, "ns", faulting)
	r.ratio("time for switches, of that for faults, "+row, ratio)
	r.sided(1, ratio)
	return r
}
