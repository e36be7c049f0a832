package document

import (
	"bytes"
	"connbench/results"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// WriteBench writes the valid trials in Go's benchmark format, which benchstat reads: a
// line a trial, the requests answered as its iterations, and as its name what was
// measured. Trials with a verdict are left out, because there is no way to mark
// them; so is what is infinite.
func WriteBench(w io.Writer, trials []results.Trial, env *results.Environment) error {
	out := benchfmt.NewWriter(w)
	for _, m := range results.Metrics {
		if m.More {
			if err := out.Write(&benchfmt.UnitMetadata{UnitMetadataKey: benchfmt.UnitMetadataKey{Unit: m.Bench, Key: "better"}, OrigUnit: m.Bench, Value: "higher"}); err != nil {
				return err
			}
		}
	}
	trials = results.Final(trials)
	for _, t := range results.Each(trials) {
		values := benchValues(t)
		if !t.Valid() || t.Requests == 0 || len(values) == 0 {
			continue
		}
		r := benchfmt.Result{Config: benchConfig(env), Name: benchName(t), Iters: int(t.Requests), Values: values}
		if err := out.Write(&r); err != nil {
			return err
		}
	}
	return nil
}

func benchConfig(env *results.Environment) []benchfmt.Config {
	var all []benchfmt.Config
	for _, c := range [][2]string{{"goos", env.OS}, {"goarch", env.Arch}, {"pkg", "connbench"}, {"cpu", results.OneLine(env.CPU)}, {"kernel", env.Kernel}, {"cpus", env.Placement()}} {
		if c[1] != "" {
			all = append(all, benchfmt.Config{Key: c[0], Value: []byte(c[1]), File: true})
		}
	}
	return all
}

// benchName names what the trial measured as benchstat's -filter, -row and -col take
// it. It never ends in a hyphen and a number, which would be read as GOMAXPROCS.
func benchName(t *results.Trial) benchfmt.Name {
	parts := []string{
		"Connbench", "model=" + t.Model, "network=" + t.Network, "framing=" + t.Framing, "request=" + t.Request, "work=" + t.Work, "knobs=" + t.Knobs,
		"loop=" + string(t.Loop), "rate=" + results.Shortest(t.RateRPS), "profile=" + t.RateProfile, "arrivals=" + t.Arrivals,
		"payload=" + strconv.Itoa(t.PayloadBytes) + "B", "mix=" + t.PayloadMix, "clients=" + strconv.Itoa(t.Clients),
	}
	var given []string
	for _, part := range parts {
		if !strings.HasSuffix(part, "=") && part != "rate=0" {
			given = append(given, strings.Map(benchRune, part))
		}
	}
	return benchfmt.Name(strings.Join(given, "/"))
}

// benchRune keeps a name in one word and its parts apart.
func benchRune(r rune) rune {
	if r == '/' || r == ' ' {
		return '_'
	}
	return r
}

func benchValues(t *results.Trial) []benchfmt.Value {
	var values []benchfmt.Value
	for _, m := range results.MetricsOf(t.Loop) {
		if v, known := m.Positive(t); known && !math.IsInf(v, 0) {
			values = append(values, benchfmt.Value{Value: v, Unit: m.Bench})
		}
	}
	return values
}

// SaveBench writes bench.txt into a run's folder.
func SaveBench(dir string, trials []results.Trial, env *results.Environment) error {
	var b bytes.Buffer
	if err := WriteBench(&b, trials, env); err != nil {
		return fmt.Errorf("%s: %w", benchFile, err)
	}
	return results.WriteFile(filepath.Join(dir, benchFile), b.Bytes())
}

const benchFile = "bench.txt"
