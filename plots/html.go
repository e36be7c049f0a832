package plots

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"strings"

	"connbench/results"
)

// HTMLFile is the name of the report in a run's folder.
const HTMLFile = "report.html"

//go:embed assets
var assets embed.FS

var pageTemplate = template.Must(template.ParseFS(assets, "assets/page.html"))

// page is what the template shows.
type page struct {
	Title     string
	Subtitle  []string
	Notices   []string
	Answer    answer
	Filters   filters
	Table     table
	Resources table
	Verdicts  []verdict
	Flag      string // what the mark of a flagged row means
	Command   string
	Facts     []fact
	More      []factList
	Plan      string
	Files     []string
	Data      data

	Style  template.CSS
	Script template.JS
	Policy string // what the page may do: run its own script, and nothing else
}

// verdict and what it means.
type verdict struct{ Name, Meaning string }

// SaveHTML writes a run's report into its folder, after its figures, to which it
// has links, and returns its path.
func SaveHTML(dir string, run *results.Run, trials []results.Trial) (string, error) {
	figures, err := filepath.Glob(filepath.Join(results.FiguresDir(dir), "*.svg"))
	if err != nil {
		return "", err
	}
	for i, path := range figures {
		figures[i] = filepath.ToSlash(strings.TrimPrefix(path, filepath.Clean(dir)+string(filepath.Separator)))
	}
	var b bytes.Buffer
	if err := WriteHTML(&b, run, trials, figures); err != nil {
		return "", err
	}
	path := filepath.Join(dir, HTMLFile)
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		return "", fmt.Errorf("write report: %w", err)
	}
	return path, nil
}

// WriteHTML writes the report of a run as one page that loads nothing: the ranking in
// sentences, the table of all points, charts of them, and what it takes to check
// or repeat them. Trials are all lines of trials.jsonl in their order, by whose
// numbers the page says what a figure rests on. Figures are paths relative to the page.
func WriteHTML(w io.Writer, run *results.Run, trials []results.Trial, figures []string) error {
	script := "(() => {\n\"use strict\";\n" + asset("page.js") + asset("scales.js") + asset("charts.js") + "start();\n})();"
	p := newPage(run, trials)
	p.Files = append([]string{"trials.jsonl", "run.json", "summary.csv", "bench.txt", "histograms/"}, figures...)
	p.Style, p.Script = template.CSS(colours()+asset("page.css")), template.JS(script)
	sum := sha256.Sum256([]byte(script))
	p.Policy = fmt.Sprintf("default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'",
		base64.StdEncoding.EncodeToString(sum[:]))
	if err := pageTemplate.Execute(w, p); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// asset is a file of the page.
func asset(name string) string {
	content, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err) // it was there when this was compiled
	}
	return string(content)
}

func newPage(run *results.Run, trials []results.Trial) *page {
	points := results.Summarize(trials, run.Models)
	records := recordsOf(trials)
	columns := append(columnsFor(points), resourceColumns(points)...)
	own, verdicts := len(columnsFor(points)), verdictsIn(trials)
	return &page{
		Title:     "connbench: " + headline(run, points),
		Subtitle:  subtitle(run, points),
		Notices:   notices(run, trials, points),
		Answer:    answerOf(results.Rank(trials, points), points),
		Filters:   filtersOf(points),
		Table:     newTable("points", true, points, columns[:own]),
		Resources: newTable("resources", false, points, columns[own:]),
		Verdicts:  verdicts,
		Flag:      results.FlagMeaning,
		Command:   shellLine(run.Command),
		Facts:     factsOf(run),
		More:      moreFacts(&run.Environment),
		Plan:      indented(run.Plan),
		Data:      dataOf(points, columns, records, verdicts),
	}
}

// verdictsIn explains the verdicts that occur.
func verdictsIn(trials []results.Trial) []verdict {
	var all []verdict
	seen := map[string]bool{}
	for i := range trials {
		for _, v := range trials[i].Verdicts {
			if !seen[v] {
				all = append(all, verdict{v, results.Explain(v)})
			}
			seen[v] = true
		}
	}
	return all
}

// headline says how much was compared: "6 models at 3 points".
func headline(run *results.Run, points []results.Point) string {
	at := map[results.Key]bool{}
	for i := range points {
		at[sharedKey(points[i].Key)] = true
	}
	return counted(len(modelsOf(points)), "model") + " at " + counted(len(at), "point")
}

// sharedKey is what rows that are compared with each other have in common.
func sharedKey(k results.Key) results.Key {
	k.Model, k.Network, k.Framing = "", "", ""
	return k
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// notices are what a reader must know before anything else.
func notices(run *results.Run, trials []results.Trial, points []results.Point) []string {
	var all []string
	if done := results.Finished(trials); done < run.Trials {
		all = append(all, fmt.Sprintf("This run is not complete: %d of %s.", done, counted(run.Trials, "trial")))
	}
	measured := false
	for i := range points {
		measured = measured || points[i].HasFigures()
	}
	if !measured {
		all = append(all, "No trial came to figures: there is nothing to compare or to draw. The table says why.")
	}
	if run.Environment.SharedCPUs {
		all = append(all, "Here "+run.Environment.Placement()+".")
	}
	return all
}
