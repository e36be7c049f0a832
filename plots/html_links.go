package plots

import (
	"fmt"
	"html/template"
	"path/filepath"
	"strings"


	"connbench/results"
)

// lineLink leads to a trial's line of trials.jsonl: browsers that know text fragments go
// to the line, others to the file's beginning.
func lineLink(t *results.Trial) template.URL {
	text := fmt.Sprintf("%%22trial%%22%%3A%d%%2C", t.Trial)
	if t.Attempt > 0 {
		text += fmt.Sprintf("%%22attempt%%22%%3A%d%%2C", t.Attempt)
	}
	return template.URL("trials.jsonl#:~:text=" + text)
}

// logOf is the path of a trial's histogram log relative to the page. It is empty where
// there is none, or where what is said of it leads out of the run's folder.
func logOf(t *results.Trial) string {
	if !filepath.IsLocal(t.Histograms) {
		return ""
	}
	path := filepath.ToSlash(t.Histograms)
	if !strings.HasPrefix(path, "histograms/") {
		return ""
	}
	return path
}
