package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// Verdict is what a check comes to for a benchmark.
type Verdict string

const (
	OK      Verdict = "ok"
	Unknown Verdict = "unknown" // it cannot be read here
	Warning Verdict = "warning" // it limits or disturbs some measurements
	Bad     Verdict = "bad"     // figures measured like this mislead
)

var severity = []Verdict{OK, Unknown, Warning, Bad}

func (v Verdict) rank() int { return slices.Index(severity, v) }

// worst is the worst of several verdicts, OK of none.
func worst(verdicts ...Verdict) Verdict {
	return slices.MaxFunc(append(verdicts, OK), func(a, b Verdict) int { return a.rank() - b.rank() })
}

// Check is one thing that was looked at.
type Check struct {
	Group   string  `json:"group"`
	Subject string  `json:"subject"`
	Value   string  `json:"value"` // empty where it is unknown
	Verdict Verdict `json:"verdict"`
	Advice  string  `json:"advice"` // what it means for a benchmark, and what to do
}

// unknown is the check of something that could not be read; how says where it is
// to be had.
func unknown(subject string, err error, how string) Check {
	return Check{Subject: subject, Verdict: Unknown, Advice: fmt.Sprintf("%s: %s", reason(err), how)}
}

// judged judges what could be read, and is unknown where that could not.
func judged[T any](subject, how string, judge func(T) Check) func(T, error) Check {
	return func(value T, err error) Check {
		if err != nil {
			return unknown(subject, err, how)
		}
		return judge(value)
	}
}

func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "this system does not show it"
	case errors.Is(err, fs.ErrPermission):
		return "this user may not read it"
	}
	return err.Error()
}

func graded(value, warning, bad float64) Verdict {
	switch {
	case value > bad:
		return Bad
	case value > warning:
		return Warning
	}
	return OK
}
