package stats

import "slices"

// groups are rows, by number, that cannot be told apart, the best first.
type groups [][]int

// group parts rows, which are in order: one that is told apart from any of a group begins
// the next.
func (c *contest) group(rows []int) groups {
	var all groups
	for _, i := range rows {
		if n := len(all); n > 0 && !anyOf(all[n-1], c.apart[i]) {
			all[n-1] = append(all[n-1], i)
		} else {
			all = append(all, []int{i})
		}
	}
	return all
}

func anyOf(rows []int, apart []bool) bool {
	return slices.ContainsFunc(rows, func(k int) bool { return apart[k] })
}

// span is the first and the last group that a row may be in, of those around its own that
// it can be told apart from none of.
func (g groups) span(row int, apart []bool) (first, last int) {
	own := 0
	for n, rows := range g {
		for _, k := range rows {
			if k == row {
				own = n
			}
		}
	}
	first, last = own, own
	for first > 0 && !anyOf(g[first-1], apart) {
		first--
	}
	for last+1 < len(g) && !anyOf(g[last+1], apart) {
		last++
	}
	return first, last
}
