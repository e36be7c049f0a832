package claims

import (
	"context"
	"fmt"
	"strings"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/results/stats"
)

var churn = experiment{
	number: "3",
	title:  "what costs more under high connection rates",
	words:  []string{"Under high connection rates scheduling and context switches cost more than memory."},
	method: fmt.Sprintf("%d clients that connect, ask once and close, as fast as they can, on servers with a thread for each connection. What wait4 "+
		"says of a server in the end, less that of one without clients, gives the context switches and page faults of a connection. "+
		"Times what one of either costs on this CPU, measured beside each repetition: a byte to and fro between two threads, less the calls for that; and "+
		"touching fresh pages.", churnClients),
	run: (*Bench).churns,
}

const churnClients = 64

type burden struct {
	cpu              time.Duration
	switches, faults float64
	switching        time.Duration // what the switches cost
	faulting         time.Duration // and the faults
}

func (b *Bench) churns(ctx context.Context) ([]finding, error) {
	rows := []string{"python-threading", "thread"}
	of := map[string][]burden{}
	for range b.Repeats {
		for _, model := range rows {
			one, err := b.burden(ctx, model)
			if err != nil {
				return nil, err
			}
			of[model] = append(of[model], one)
		}
	}
	return []finding{readChurn(of, rows...)}, nil
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

// readChurn wants all rows on one side.
func readChurn(of map[string][]burden, rows ...string) finding {
	var r finding
	var ratios []stats.Effect
	var said []string
	for _, row := range rows {
		column := func(value func(burden) float64) []float64 {
			var all []float64
			for _, one := range of[row] {
				all = append(all, value(one))
			}
			return all
		}
		switching := column(func(b burden) float64 { return float64(b.switching) })
		faulting := column(func(b burden) float64 { return float64(b.faulting) })
		ratio := stats.RatioOf(switching, faulting)
		ratios = append(ratios, ratio)
		said = append(said, fmt.Sprintf("%.3g times in %s", ratio.Ratio.Estimate, row))
		r.median("CPU time of a connection, "+row, "ns", column(func(b burden) float64 { return float64(b.cpu) }))
		r.median("context switches of a connection, "+row, "switches", column(func(b burden) float64 { return b.switches }))
		r.median("page faults of a connection, "+row, "faults", column(func(b burden) float64 { return b.faults }))
		r.median("time for these switches, "+row, "ns", switching)
		r.median("time for these faults, "+row, "ns", faulting)
		r.ratio("switches cost more than faults by, "+row, ratio)
	}
	r.sentence = "The switches of a connection cost its page faults' CPU time " + strings.Join(said, " and ") + "."
	r.sided(1, ratios...)
	return r
}
