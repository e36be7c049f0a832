package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"connbench/results"
	"connbench/results/stats"
)

// fact is a line on how a run was made.
type fact struct{ Name, Value string }

// factList is one that most readers leave closed.
type factList struct {
	Title string
	Facts []fact
}

func subtitle(run *results.Run, points []stats.Point) []string {
	var all []string
	if len(points) > 0 {
		all = append(all, stats.Workload(points))
	}
	all = append(all, run.CreatedAt.UTC().Format("2 January 2006, 15:04 UTC"))
	if machine := run.Environment.Machine(); machine != "" {
		all = append(all, machine)
	}
	if n := len(run.Environment.Hosts); n > 0 {
		all = append(all, results.Plural(n, "host"))
	}
	return all
}

// factsOf leaves out what is not known.
func factsOf(run *results.Run) []fact {
	e := &run.Environment
	facts := []fact{
		{"machine", e.Machine()},
		{"measured", e.Where()},
		{"virtualisation", e.Virtual},
		{"CPU frequency governor", e.Governor},
		{"memory", positive(e.MemoryBytes, results.Bytes)},
		{"CPUs", e.Placement()},
		{"allowed CPUs", e.AllowedCPUs},
		{"system", strings.Trim(e.OS+"/"+e.Arch, "/")},
		{"clock", e.Clock},
		{"open files, at most", positive(int64(e.OpenFiles), decimal)},
		{"Go", e.Go},
		{"GOMAXPROCS of the planner", positive(int64(e.GOMAXPROCS), decimal)},
		{"Python", e.Python},
		{"connbench's commit", e.Commit},
		{"connbench's program", e.Binary},
		{"seed", strconv.FormatUint(run.Seed, 10)},
		{"trials planned", positive(int64(run.Trials), decimal)},
	}
	return known(facts)
}

// known leaves out the facts of which nothing is known.
func known(facts []fact) []fact {
	return slices.DeleteFunc(facts, func(f fact) bool { return f.Value == "" })
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

func positive(n int64, text func(int64) string) string {
	if n <= 0 {
		return ""
	}
	return text(n)
}

func moreFacts(e *results.Environment) []factList {
	var lists []factList
	for _, l := range []struct {
		title string
		of    map[string]string
	}{{"Kernel settings", e.Sysctls}, {"Limits of a process, soft / hard", e.Limits},
		{"Settings of Go's runtime in the environment", e.GoSettings.Set}, {"Settings of Go's runtime in force", e.GoSettings.InForce}, {"Go modules", e.Modules}} {
		facts := results.Map(slices.Sorted(maps.Keys(l.of)), func(name string) fact { return fact{name, l.of[name]} })
		if len(facts) > 0 {
			lists = append(lists, factList{fmt.Sprintf("%s (%d)", l.title, len(facts)), facts})
		}
	}
	for _, m := range results.Each(e.Hosts) {
		lists = append(lists, factList{fmt.Sprintf("Host %s, %s", m.Name, m.Role), known([]fact{
			{"machine", m.Environment.Machine()}, {"address", m.Address}, {"interface", m.Interface}, {"CPUs", m.Environment.AllowedCPUs},
			{"memory", positive(m.Environment.MemoryBytes, results.Bytes)}, {"open files, at most", positive(int64(m.Environment.OpenFiles), decimal)},
			{"connbench's program", m.Environment.Binary},
		})})
	}
	return lists
}

// shellLine quotes a command so that a POSIX shell splits it into the same words.
func shellLine(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = w
		if w == "" || strings.ContainsFunc(w, func(r rune) bool { return !plain(r) }) {
			quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

// plain reports whether a shell takes r for itself wherever it stands.
func plain(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./,:@%+", r)
}

func indented(plan json.RawMessage) string {
	var b bytes.Buffer
	if json.Indent(&b, plan, "", "  ") != nil {
		return string(plan)
	}
	return b.String()
}
