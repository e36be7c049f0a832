package results

import "fmt"

// TuningWords is what a tuning comes to, in words for people.
type TuningWords struct {
	Lead   string   // the value to set, or that there is none and why
	But    string   // what speaks against it; empty if nothing does
	Gain   []string // over the default, at each point; nil where there is nothing to gain
	Memory []string // that it takes beyond the default; nil likewise
	Alike  []string // the values that may be as good, at each point
	Cut    []string // values that the kernel makes another of
	Go     string   // how a program in Go sets it; empty if there is nothing to set
}

// Words says what to set, what that gives and takes, and where it does not matter.
func (t *Tuning) Words() TuningWords {
	a := &t.Advice
	if a.Setting == nil {
		return TuningWords{Lead: fmt.Sprintf("no %s: %s", t.Knob, a.Why), Cut: t.Cut}
	}
	w := TuningWords{
		Lead: fmt.Sprintf("%s %s%s", t.Knob, a.Setting.Value, t.besideDefault()),
		But:  a.Why,
		Cut:  t.Cut,
		Go:   a.Setting.Go,
	}
	differs := t.setting(t.Default) >= 0 && a.Setting.Row != t.Default
	for i := range t.Points {
		p := &t.Points[i]
		if differs {
			w.Gain = append(w.Gain, t.label(p)+t.gain(p))
		}
		w.Alike = append(w.Alike, t.label(p)+t.alikeText(p))
	}
	if differs {
		w.Memory = a.memory()
	}
	return w
}
