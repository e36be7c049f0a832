package look

import "slices"

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

// MagnitudeOf reports whether a word is one of a magnitude.
func MagnitudeOf(word string) (m Magnitude, known bool) {
	i := slices.IndexFunc(Magnitudes, func(m Magnitude) bool { return m.Word == word })
	if i < 0 {
		return m, false
	}
	return Magnitudes[i], true
}
