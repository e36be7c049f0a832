package results

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Bytes is n bytes for people, in binary units: "64 B", "1.5 KiB", "1 MiB".
func Bytes(n int64) string {
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	v := float64(n)
	var unit string
	for _, unit = range []string{"KiB", "MiB", "GiB", "TiB"} {
		v = Significant(v / 1024)
		if v < 1024 {
			break
		}
	}
	return Shortest(v) + " " + unit
}

// ExactBytes is n bytes as they are given: "64B", "1536B", "1MiB".
func ExactBytes(n int) string {
	for _, unit := range []struct {
		bytes int
		name  string
	}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if n > 0 && n%unit.bytes == 0 {
			return strconv.Itoa(n/unit.bytes) + unit.name
		}
	}
	return strconv.Itoa(n) + "B"
}

// Count is a number or a rate for people, to three significant digits: "950",
// "12.3k", "1.24M"; "∞" for infinity.
func Count(v float64) string {
	switch {
	case math.IsInf(v, 1):
		return "∞"
	case v < 999.5:
		return Shortest(Significant(v))
	case v < 999.5e3:
		return Shortest(Significant(v/1e3)) + "k"
	default:
		return Shortest(Significant(v/1e6)) + "M"
	}
}

// significant rounds to three significant digits, but never whole digits away:
// 1023 KiB stays 1023.
func Significant(v float64) float64 {
	if v == 0 {
		return 0
	}
	scale := math.Pow(10, max(0, 2-math.Floor(math.Log10(math.Abs(v)))))
	return math.Round(v*scale) / scale
}

func Shortest(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// Machine is one line on where a run was made: CPU model, cores, kernel.
func (e *Environment) Machine() string {
	var parts []string
	if e.CPU != "" {
		parts = append(parts, OneLine(e.CPU))
	}
	if e.Cores > 0 {
		parts = append(parts, Plural(e.Cores, "core"))
	}
	if e.Kernel != "" {
		parts = append(parts, "kernel "+e.Kernel)
	}
	return strings.Join(parts, ", ")
}

// Placement is one line on which CPUs server and client ran, and a warning
// where these were the same.
func (e *Environment) Placement() string {
	switch {
	case len(e.Hosts) > 0:
		return fmt.Sprintf("server on CPU %s of its host, clients on hosts of their own", e.ServerCPUs)
	case !e.SharedCPUs:
		return fmt.Sprintf("server on CPU %s, client on CPU %s", e.ServerCPUs, e.ClientCPUs)
	case e.ServerCPUs == "":
		return "server and client were not pinned and shared all CPUs: each took time from the other"
	case e.ServerCPUs == e.ClientCPUs:
		return fmt.Sprintf("server and client shared CPU %s: each took time from the other", e.ServerCPUs)
	default:
		return fmt.Sprintf("server on CPU %s, client on CPU %s: where they overlap, each took time from the other", e.ServerCPUs, e.ClientCPUs)
	}
}

// oneLine keeps a text of several lines within a line or a cell.
func OneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Absent stands for what was not measured.
const Absent = "–"

// Ratio is a ratio for people, to three digits.
func Ratio(v float64) string { return fmt.Sprintf("%.3g", v) }

// Times is a ratio that may be of thousands, as those of latencies are.
func Times(v float64) string {
	if v < 1000 {
		return Ratio(v)
	}
	return Count(v)
}
