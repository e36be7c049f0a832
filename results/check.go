package results

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode"
)

// A record that was read is checked field by field before anything is made of it: what
// this package writes is in the ranges below, and what is not was made by a slip or on
// purpose. Fields are called as in JSON, those of an object behind its name and a dot.

// within is the lowest and the highest value of a number.
type within struct{ low, high float64 }

// The ranges of numbers. Sums of as many as there may be of one stay whole numbers, and
// an axis from one end to the other can be drawn.
var (
	anyNumber = within{-1e15, 1e15} // of a field that is not in ranges
	counts    = within{0, 1e12}
	numbers   = within{0, 1e9} // of trials, clients and the like
	perSecond = within{0, 1e9} // a second
	durations = within{0, 1e18}
)

var ranges = map[string]within{
	"trial": numbers, "attempt": {0, 1e6}, "block": numbers, "environment": {0, 1e6},
	"clients": numbers, "payload_bytes": {0, 1 << 30}, "pipeline": {0, 1e6},
	"rate_rps": perSecond, "clients_active": numbers, "requests_per_conn": numbers, "think_ns": durations, "duration_ns": durations,
	"requests": counts, "missing": counts, "throughput_rps": {0, 1e12}, "unanswered": counts,
	"clients_served": numbers, "fairness_jain": {0, 1.001},
	"client.threads": numbers, "client.completed": counts, "client.window_rps": {0, 1e12}, "client.window_mean_ns": durations, "client.window_max_ns": durations,
	"datagrams.lost": counts, "datagrams.duplicated": counts, "datagrams.reordered": counts,
	"sizes.payload_bytes": {0, 1 << 30}, "sizes.requests": counts, "sizes.unanswered": counts,
	"series.part_ns": {1, 1e13}, "series.parts.asked_rps": perSecond, "series.parts.answered_rps": {0, 1e12},
	"series.spikes.rate_rps": perSecond, "series.spikes.at_ns": durations, "series.spikes.for_ns": durations, "series.spikes.recovery_ns": durations,
	"client_cpu_ns_per_request": durations, "server_cpu_ns_per_request": durations, "server_rss_bytes": {0, 1e15},
	"server_cpu_fraction": {0, 1e6}, "server_killed_after_ns": durations, "server_counters": counts, "noise.restless_fraction": {0, 1e6},
	"control_group.oom_kills": counts, "control_group.pids_refused": counts, "control_group.memory_limit_bytes": {0, 1 << 62}, "control_group.pids_max": {0, 1 << 62},
	"server_peak_rss_bytes": {0, 1e15}, "server_threads": numbers, "steal_fraction": {0, 1e6},
	"cpu_profile.user_ns_per_request": durations, "cpu_profile.system_ns_per_request": durations,
	"cpu_profile.voluntary_switches_per_request": counts, "cpu_profile.involuntary_switches_per_request": counts, "cpu_profile.page_faults_per_request": counts,
	"cpu_profile.call_requests": counts, "cpu_profile.calls.lost": counts, "cpu_profile.calls.each.count": counts, "cpu_profile.calls.each.again": counts,
	"cpu_profile.calls.each.bytes": {0, 1e15}, "cpu_profile.calls.each.events": {0, 1e15},
	"trials": numbers, "blocks": numbers, "blocks_planned": numbers, "level": {0, 1},
}

// ofMembers are the ranges of the numbers in an object whose names are not known before.
var ofMembers = map[string]within{"errors": counts, "server_parked_threads": numbers}

// form is what a text may be.
type form struct {
	pattern func() *regexp.Regexp // compiled when it is first asked
	longest int                   // in bytes: a count in the pattern would be as many steps of it, made whenever a process begins
	allowed string                // in words
}

func pattern(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

func oneOf(words ...string) form {
	return form{pattern("^(" + strings.Join(words, "|") + ")?$"), longestText, strings.Join(words, ", ")}
}

func (f form) fits(text string) bool { return len(text) <= f.longest && f.pattern().MatchString(text) }

var (
	rowName  = form{pattern(`^[A-Za-z0-9._-]*(=[A-Za-z0-9._:-]*)?$`), 401, "letters, digits, - _ . and one ="}
	wordName = form{pattern(`^[A-Za-z][A-Za-z0-9_]*$`), 100, "letters, digits and _"}
)

// The forms of texts. All may be empty; one that is not here holds what can be printed.
var forms = map[string]form{
	"model":                       rowName,
	"models":                      rowName,
	"left.model":                  rowName,
	"kind":                        oneOf(TableRun, TuneRun, ClaimsRun, ScaleRun),
	"probe":                       oneOf(ProbeCapacity, ProbeRate, ProbeSaturation, ProbeHalf),
	"network":                     oneOf("tcp", "unix", "udp"),
	"framing":                     oneOf("length", "raw", "line", "resp", "memcache", "http", Datagram),
	"loop":                        oneOf(string(ClosedLoop), string(OpenLoop)),
	"arrivals":                    oneOf("constant", "poisson"),
	"payload_mix":                 {pattern(`^([0-9]+[KMG]?i?B\*[0-9]+(\+[0-9]+[KMG]?i?B\*[0-9]+)*)?$`), 1000, "sizes, each with a weight"},
	"rate_profile":                {pattern(`^([0-9][a-zµ0-9.,/=@+-]*)?$`), 2000, "a rate, a ramp, spikes"},
	"work":                        {pattern(`^(echo|(cpu|sleep):[0-9a-zµ.]+)?$`), 60, "echo, cpu:DURATION, sleep:DURATION"},
	"knobs":                       {pattern(`^[A-Za-z0-9 =._:/+-]*$`), 1000, "flags as name=value"},
	"histograms":                  {pattern(`^(histograms/[A-Za-z0-9_-][A-Za-z0-9._-]*)?$`), 212, "a file of histograms/"},
	"cpu_profile.file":            {pattern(`^(profiles/[0-9]+\.pb\.gz)?$`), 100, "a file of profiles/"},
	"cpu_profile.program":         {pattern(`^(profiles/[0-9]+\.program\.pb\.gz)?$`), 100, "a file of profiles/"},
	"cpu_profile.source":          oneOf(ByKernel, ByProgram),
	"cpu_profile.calls.each.name": {pattern(`^[A-Za-z_][A-Za-z0-9_ ]*$`), 100, "letters, digits, _ and spaces"},
	"verdicts":                    {pattern(`^[A-Z][A-Z_]*$`), 50, "capital letters and _"},
}

// longestText is that of a text, in bytes.
const longestText = 1 << 20

// check returns what is wrong with a record, nil for nothing.
func Check(record any) error { return checkValue(reflect.ValueOf(record), "") }

func checkValue(v reflect.Value, name string) error {
	switch x := v.Interface().(type) {
	case time.Time, json.RawMessage:
		return nil
	case Nanos:
		if x.IsInf() {
			return nil
		}
		return checkNumber(name, float64(x), durations)
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return checkValue(v.Elem(), name)
	case reflect.Struct:
		return checkStruct(v, name)
	case reflect.Slice:
		for i := range v.Len() {
			if err := checkValue(v.Index(i), name); err != nil {
				return err
			}
		}
	case reflect.Map:
		return checkMap(v, name)
	case reflect.String:
		return checkText(name, v.String())
	case reflect.Int, reflect.Int64:
		return checkNumber(name, float64(v.Int()), rangeOf(name))
	case reflect.Float64:
		return checkNumber(name, v.Float(), rangeOf(name))
	}
	return nil
}

func checkStruct(v reflect.Value, name string) error {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		inner, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case unchecked[inner]:
			continue
		case field.Anonymous:
			inner = name
		case name != "":
			inner = name + "." + inner
		}
		if err := checkValue(v.Field(i), inner); err != nil {
			return err
		}
	}
	return nil
}

// unchecked are texts of others, which are cleaned where they are shown, or here.
var unchecked = map[string]bool{"command": true, "failure": true}

func checkMap(v reflect.Value, name string) error {
	for _, key := range v.MapKeys() {
		member := name
		if key.Kind() == reflect.String {
			if err := checkText(name, key.String()); err != nil {
				return err
			}
			if _, counted := ofMembers[name]; counted && !wordName.fits(key.String()) {
				return fmt.Errorf("%s: %.100q is not allowed (%s)", name, key.String(), wordName.allowed)
			}
		}
		if err := checkValue(v.MapIndex(key), member); err != nil {
			return err
		}
	}
	return nil
}

func rangeOf(name string) within {
	if w, known := ranges[name]; known {
		return w
	}
	if w, known := ofMembers[name]; known {
		return w
	}
	return anyNumber
}

func checkNumber(name string, v float64, w within) error {
	if v >= w.low && v <= w.high && !math.IsNaN(v) {
		return nil
	}
	return fmt.Errorf("%s: %v is not allowed (%v to %v)", name, v, w.low, w.high)
}

func checkText(name, text string) error {
	if f, known := forms[name]; known {
		if !f.fits(text) {
			return fmt.Errorf("%s: %.100q is not allowed (%s)", name, text, f.allowed)
		}
		return nil
	}
	if len(text) > longestText || strings.ContainsFunc(text, unprintable) {
		return fmt.Errorf("%s: %.100q is not allowed (up to %s that can be printed)", name, text, Bytes(longestText))
	}
	return nil
}

// unprintable is what a terminal obeys, or a reader does not see.
func unprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

// clean leaves of a text what can be printed, and its lines.
func Clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unprintable(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
