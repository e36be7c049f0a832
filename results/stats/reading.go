package stats

import (
	"cmp"
	"math"
	"slices"

	"connbench/results"
)

// reading is a figure of a trial.
type reading struct {
	block int
	at    float64 // seconds; where that is not known the block
	value float64 // positive, may be infinite
}

// readings is a figure of the valid trials that have it, in the order of their blocks.
func readings(m *results.Figure, trials []*results.Trial) []reading {
	var all []reading
	for _, t := range trials {
		if v, known := m.Positive(t); known && t.Valid() {
			at := float64(t.Block)
			if !t.StartedAt.IsZero() {
				at = float64(t.StartedAt.UnixMicro()) / 1e6
			}
			all = append(all, reading{t.Block, at, v})
		}
	}
	slices.SortStableFunc(all, func(a, b reading) int { return cmp.Compare(a.block, b.block) })
	return all
}

func valuesIn(row []reading) []float64 {
	values := make([]float64, len(row))
	for i, r := range row {
		values[i] = r.value
	}
	return values
}

// cellsOf are the cells of rows. An endless reading, which is one of a minority, is taken
// for ten times the worst.
func cellsOf(rows [][]reading) []cell {
	var cells []cell
	most := math.Inf(-1)
	for i, row := range rows {
		for _, r := range row {
			y := math.Log(r.value)
			if !math.IsInf(y, 1) {
				most = max(most, y)
			}
			cells = append(cells, cell{i, r.block, r.at, y})
		}
	}
	for i := range cells {
		cells[i].y = min(cells[i].y, most+math.Ln10)
	}
	return cells
}

// between is how many times as large readings are as those that they are held over.
func between(over, row []reading) Effect {
	if len(over) == 0 || len(row) == 0 {
		return Effect{P: 1, Ratio: Unbounded(1)}
	}
	return newFit(cellsOf([][]reading{over, row})).effect(0, 1)
}
