package document

import (
	"cmp"
	"slices"

	"connbench/results"
)

// Sizes is what each payload of the mixes of a run was like, point by point: medians over the
// trials that the point's figures rest on, models in the given order. Of trials without a mix it
// says nothing.
func Sizes(trials []results.Trial, models []string) Document {
	var d Document
	mixed := slices.DeleteFunc(results.Final(trials), func(t results.Trial) bool { return len(t.Sizes) == 0 || t.Failure != "" })
	for _, group := range results.Grouped(mixed, func(t results.Trial) results.Key { return sharedLoad(t.Key()) }) {
		k := group[0].Key()
		d.Add(Block{Heading: Dotted("Each payload of "+k.PayloadMix, k.Work, k.Knobs, asked(k)), Table: sizesTable(group, models)})
	}
	return d
}

// sharedLoad is a key without the row and its clients.
func sharedLoad(k results.Key) results.Key {
	k = k.Shared()
	k.Clients = 0
	return k
}

func sizesTable(trials []results.Trial, models []string) *Table {
	t := &Table{Columns: []Column{
		clientsColumn, modelColumn, {Title: "payload"}, {Title: "requests", Hint: "of a trial, answered or failed"}, {Title: "p50"}, {Title: "p99"},
	}}
	slices.SortStableFunc(trials, func(a, b results.Trial) int {
		return cmp.Or(a.Clients-b.Clients, slices.Index(models, a.Model)-slices.Index(models, b.Model))
	})
	for _, point := range results.Grouped(trials, func(t results.Trial) results.Key { return t.Key() }) {
		rests := resting(point)
		for i, size := range rests[0].Sizes {
			row := Row{Break: i == 0, Cells: []Cell{{}, {}, {Text: results.Bytes(int64(size.PayloadBytes))}}}
			if i == 0 {
				row.Cells[0], row.Cells[1] = count(point[0].Clients), words(point[0].Model)
			}
			row.Cells = append(row.Cells, sizeCells(rests, i)...)
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

// resting are the valid trials of a point, or all where none is.
func resting(point []results.Trial) []results.Trial {
	valid := slices.DeleteFunc(slices.Clone(point), func(t results.Trial) bool { return !t.Valid() })
	if len(valid) == 0 {
		return point
	}
	return valid
}

// sizeCells are the requests, p50 and p99 of payload number i of a mix.
func sizeCells(trials []results.Trial, i int) []Cell {
	var requests, p50s, p99s []float64
	for _, t := range trials {
		if i >= len(t.Sizes) { // which none of ours lacks
			continue
		}
		size := t.Sizes[i]
		requests = append(requests, float64(size.Requests+size.Unanswered))
		if l := size.ResponseLatency; l != nil {
			p50s, p99s = append(p50s, float64(l.P50)), append(p99s, float64(l.P99))
		}
	}
	latency := func(all []float64) Cell {
		if len(all) == 0 {
			return none
		}
		slices.Sort(all)
		return Cell{Text: results.Nanos(results.Median(all)).String()}
	}
	slices.Sort(requests)
	return []Cell{{Text: results.Count(results.MedianCount(requests))}, latency(p50s), latency(p99s)}
}
