package page

import (
	"path/filepath"
	"strings"

	"connbench/results"
)

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
