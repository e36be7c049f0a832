package results

import "iter"

// Each is the places of a list's items and pointers to these, as slices.All has the items themselves.
func Each[T any](list []T) iter.Seq2[int, *T] {
	return func(yield func(int, *T) bool) {
		for i := range list {
			if !yield(i, &list[i]) {
				return
			}
		}
	}
}

// Grouped splits a list by a key, in order of appearance.
func Grouped[T any, K comparable](list []T, keyOf func(T) K) [][]T {
	place := map[K]int{}
	var groups [][]T
	for _, x := range list {
		key := keyOf(x)
		i, seen := place[key]
		if !seen {
			i = len(groups)
			place[key], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], x)
	}
	return groups
}

// Distinct is what a function makes of the items of a list, each once, in order of appearance.
func Distinct[T any, K comparable](list []T, of func(T) K) []K {
	return Map(Grouped(list, of), func(same []T) K { return of(same[0]) })
}

// Map is what a function makes of each item of a list; nil of none.
func Map[T, U any](list []T, of func(T) U) []U {
	var all []U
	for _, x := range list {
		all = append(all, of(x))
	}
	return all
}

// Find is the first item of a list that the function reports, nil where there is none.
func Find[T any](list []T, is func(*T) bool) *T {
	for _, x := range Each(list) {
		if is(x) {
			return x
		}
	}
	return nil
}

// Sentences are what there is to say, one after the other.
type Sentences []string

// Some adds a sentence that is not empty.
func (s *Sentences) Some(sentence string) { s.When(sentence != "", sentence) }

// When adds a sentence where it holds.
func (s *Sentences) When(holds bool, sentence string) {
	if holds {
		*s = append(*s, sentence)
	}
}
