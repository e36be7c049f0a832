package read

import (
	"slices"

	"connbench/results"
	"connbench/results/stats"
)

// Course is what became of a window in which the rate changes, of a point: the medians over its
// trials, part by part. How long a spike is felt is that of the medians.
type Course struct {
	results.Key
	Trials int // that it rests on: the valid ones, or all where none is
	results.Series
}

// Courses are those of the points whose rate changes.
func Courses(points []stats.Point) (all []Course) {
	for i := range points {
		rests := slices.DeleteFunc(points[i].Rests(), func(t *results.Trial) bool { return t.Series == nil || len(t.Series.Parts) == 0 })
		if len(rests) == 0 {
			continue
		}
		first := rests[0].Series
		rests = slices.DeleteFunc(rests, func(t *results.Trial) bool { // which none of ours is
			return len(t.Series.Parts) != len(first.Parts) || t.Series.PartNS != first.PartNS
		})
		c := Course{rests[0].Key(), len(rests), results.Series{PartNS: first.PartNS, Spikes: slices.Clone(first.Spikes)}}
		for i := range first.Parts {
			c.Parts = append(c.Parts, medianPart(rests, i))
		}
		c.Recover()
		all = append(all, c)
	}
	return all
}

// medianPart is part number i of trials of a point.
func medianPart(trials []*results.Trial, i int) results.SeriesPart {
	var answered, p50s, p99s []float64
	for _, t := range trials {
		part := t.Series.Parts[i]
		answered = append(answered, part.AnsweredRPS)
		if l := part.Latency; l != nil {
			p50s, p99s = append(p50s, float64(l.P50)), append(p99s, float64(l.P99))
		}
	}
	middle := func(all []float64) float64 {
		slices.Sort(all)
		return results.Median(all)
	}
	part := results.SeriesPart{AskedRPS: trials[0].Series.Parts[i].AskedRPS, AnsweredRPS: middle(answered)}
	if p50s != nil {
		part.Latency = &results.PartLatency{P50: results.Nanos(middle(p50s)), P99: results.Nanos(middle(p99s))}
	}
	return part
}
