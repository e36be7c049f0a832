package page

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
	"regexp"
	"slices"
	"strings"
	"sync"

	"connbench/plots/flame"
	"connbench/plots/look"
	"connbench/results"
	"connbench/results/stats"
)

// HTMLFile is the name of the report in a run's folder.
const HTMLFile = "report.html"

//go:embed assets
var assets embed.FS

// The parts of the page's script, which are put together in one function.
var scripts = []string{"page.js", "tables.js", "copy.js", "filters.js", "figures.js"}

// pageTemplate is parsed by those processes alone that write a page.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("frame.html").
		Funcs(template.FuncMap{"marked": marked, "sortKey": sortKey, "tight": tight}).
		ParseFS(assets, "assets/frame.html", "assets/widgets.html"))
})

// page is a report: sections on what it is about, and what is known of any run.
type page struct {
	Title    string
	Subtitle []string
	Filters  *filters
	Sections []section
	Notices  []string
	Command  string
	Facts    []fact
	More     []factList
	Plan     string
	Files    []string
	Data     data

	Style  template.CSS
	Script template.JS
	Policy string // what the page may do: run its own script, and nothing else
}

// newPage has what is known of a run whatever it measured.
func newPage(run *results.Run, trials []results.Trial, title string, points []stats.Point) *page {
	return &page{
		Title:    "connbench: " + title,
		Subtitle: subtitle(run, points),
		Command:  shellLine(run.Command),
		Facts:    factsOf(run),
		More:     moreFacts(&run.Environment),
		Plan:     indented(run.Plan),
		Data:     newData(trials),
	}
}

// write writes the page, which loads nothing. Files are paths relative to it.
func (f *page) write(w io.Writer, files []string) error {
	script := "(() => {\n\"use strict\";\n"
	for _, name := range scripts {
		script += asset(name)
	}
	style := asset("page.css") + darkFigures
	script += "start();\n"
	if f.burns() {
		style += flame.Style
		script += flame.Script + "document.querySelectorAll(\".flame\").forEach(flame);\n"
	}
	script += "})();"
	f.Files = files
	f.Style, f.Script = template.CSS(style+asset("print.css")), template.JS(script)
	sum := sha256.Sum256([]byte(script))
	f.Policy = fmt.Sprintf("default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'",
		base64.StdEncoding.EncodeToString(sum[:]))
	if err := pageTemplate().Execute(w, f); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// save writes the page into a run's folder, with links to the files that are there, and
// returns its path.
func (f *page) save(dir string) (string, error) {
	files, err := filesIn(dir)
	if err != nil {
		return "", err
	}
	return f.saveAs(filepath.Join(dir, HTMLFile), files)
}

// saveAs writes the page into a file, and returns its path.
func (f *page) saveAs(path string, files []string) (string, error) {
	var b bytes.Buffer
	if err := f.write(&b, files); err != nil {
		return "", err
	}
	return path, results.WriteFile(path, b.Bytes())
}

// filesIn are a run's files as paths relative to its folder, its trials first; what
// other programs have put there is not among them.
func filesIn(dir string) ([]string, error) {
	all := []string{
		"trials.jsonl", "run.json", "table.txt", "table.md", "table.csv", "table.json", "choice.txt", "choice/trials.jsonl", "choice/run.json", "tune.txt", "claims.txt", "claims.md", "claims.json",
		"summary.csv", "bench.txt", "histograms/",
	}
	all = slices.DeleteFunc(all, func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, name))
		return err != nil
	})
	figures, err := filepath.Glob(filepath.Join(results.FiguresDir(dir), "*.svg"))
	if err != nil {
		return nil, err
	}
	for _, path := range figures {
		all = append(all, filepath.ToSlash(strings.TrimPrefix(path, filepath.Clean(dir)+string(filepath.Separator))))
	}
	return all, nil
}

// darkFigures are the colours of figures where the page's ground is dark, which paper never is.
var darkFigures = "@media screen and (prefers-color-scheme: dark) {\n" + look.DarkStyle(".drawing") + "}\n"

func asset(name string) string {
	content, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err) // it was there when this was compiled
	}
	return string(content)
}

// word is a part of a sentence: a verdict, or the text between two.
type word struct{ Text, Verdict string }

var verdictName = regexp.MustCompile(`[A-Z]+(_[A-Z]+)*`)

// marked finds the verdicts in a sentence, for the page to explain.
func marked(sentence string) []word {
	var words []word
	at := 0
	for _, found := range verdictName.FindAllStringIndex(sentence, -1) {
		if name := sentence[found[0]:found[1]]; results.Explain(name) != name {
			words = append(words, word{Text: sentence[at:found[0]]}, word{Verdict: name})
			at = found[1]
		}
	}
	return append(words, word{Text: sentence[at:]})
}
