package plots

import (
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"connbench/results"
)

// ClaimSection is a claim as its page has it.
type ClaimSection struct {
	Title    string
	Claim    string // in the words of who makes it
	Verdict  string // confirmed, refuted, or that it could not be decided
	Sentence string // what was found
	Figures  []ClaimFigure
}

// ClaimFigure is a figure that a verdict on a claim rests on.
type ClaimFigure struct {
	Name  string
	Text  string // the figure with its unit
	Lines []int  // of trials.jsonl, from 1
}

// SaveClaimsHTML writes the report on claims into the run's folder, after its other files,
// and returns its path. Lines that no trial has are an error.
func SaveClaimsHTML(dir string, run *results.Run, trials []results.Trial, claims []ClaimSection) (string, error) {
	f, err := newClaimsPage(run, trials, claims)
	if err != nil {
		return "", err
	}
	return f.save(dir, claimsKind)
}

// WriteClaimsHTML writes the report on claims as one page that loads nothing, as
// [WriteHTML] does: what became of them in short, and each with the figures that this
// rests on and the lines of trials.jsonl behind them.
func WriteClaimsHTML(w io.Writer, run *results.Run, trials []results.Trial, claims []ClaimSection, files []string) error {
	f, err := newClaimsPage(run, trials, claims)
	if err != nil {
		return err
	}
	return f.write(w, claimsKind, files)
}

// claimsContent is what the page of claims has.
type claimsContent struct {
	Summary  string
	Outcomes []outcome
	Claims   []claim
	Meanings meanings
}

// outcome is a verdict and the claims that have it.
type outcome struct {
	Verdict string
	Claims  []claim
}

type claim struct {
	ClaimSection
	ID    string
	Class template.HTMLAttr // of the section
	Shown []claimFigure
}

// claimFigure is a figure with links to what it rests on.
type claimFigure struct {
	Name, Text string
	Links      []lineLinks
}

// lineLinks lead to a line and to the histogram log of its trial, if there is one.
type lineLinks struct {
	Number   int
	Line     template.URL
	Log      string
	Trial    string // what it was, for people
	Verdicts []string
}

func newClaimsPage(run *results.Run, trials []results.Trial, claims []ClaimSection) (*page, error) {
	f := newFrame(run, counted(len(claims), "claim"), nil)
	if run.Environment.SharedCPUs {
		f.Notices = []string{"Here " + run.Environment.Placement() + "."}
	}
	f.Data.explain(trials)
	content := claimsContent{Summary: claimsSummary(claims)}
	var rested []results.Trial
	for i, section := range claims {
		c := claim{ClaimSection: section, ID: fmt.Sprintf("claim-%d", i+1), Class: verdictClass(section.Verdict)}
		for _, figure := range section.Figures {
			shown := claimFigure{Name: figure.Name, Text: figure.Text}
			for _, n := range figure.Lines {
				if n < 1 || n > len(trials) {
					return nil, fmt.Errorf("claim %q: %s: line %d of trials.jsonl, which has %d", section.Title, figure.Name, n, len(trials))
				}
				t := &trials[n-1]
				rested = append(rested, *t)
				shown.Links = append(shown.Links, lineLinks{n, lineLink(t), logOf(t), trialText(t), t.Verdicts})
			}
			c.Shown = append(c.Shown, shown)
		}
		content.Claims = append(content.Claims, c)
		at := slices.IndexFunc(content.Outcomes, func(o outcome) bool { return o.Verdict == section.Verdict })
		if at < 0 {
			at, content.Outcomes = len(content.Outcomes), append(content.Outcomes, outcome{Verdict: section.Verdict})
		}
		content.Outcomes[at].Claims = append(content.Outcomes[at].Claims, c)
	}
	slices.SortStableFunc(content.Outcomes, func(a, b outcome) int { return verdictPlace(a.Verdict) - verdictPlace(b.Verdict) })
	content.Meanings = meanings{Verdicts: verdictsIn(rested)}
	f.Content = content
	f.Sections = []section{{"answer", "Answer"}, {"claims", "Claims"}}
	return f, nil
}

// claimsSummary counts the verdicts: "7 confirmed, 2 refuted, 1 not decidable here".
func claimsSummary(claims []ClaimSection) string {
	var order []string
	count := map[string]int{}
	for _, c := range claims {
		if count[c.Verdict]++; count[c.Verdict] == 1 {
			order = append(order, c.Verdict)
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return verdictPlace(a) - verdictPlace(b) })
	var parts []string
	for _, v := range order {
		parts = append(parts, fmt.Sprintf("%d %s", count[v], v))
	}
	return strings.Join(parts, ", ")
}

// verdictPlace is the order in which verdicts on claims are named.
func verdictPlace(verdict string) int {
	if i := slices.Index([]string{"confirmed", "refuted"}, verdict); i >= 0 {
		return i
	}
	return 2
}

// verdictClass gives the verdicts that are decided their colour.
func verdictClass(verdict string) template.HTMLAttr {
	if verdictPlace(verdict) < 2 {
		return template.HTMLAttr(`class="claim ` + verdict + `"`)
	}
	return `class="claim"`
}

// trialText says what a trial was.
func trialText(t *results.Trial) string {
	text := whereOf(t.Key())
	if t.Model != "" {
		text = t.Model + ", " + text
	}
	if t.Failure != "" {
		return text + "\nfailed: " + oneLine(t.Failure)
	}
	return text + "\n" + results.Count(t.ThroughputRPS) + " requests/s, p99 " + t.ResponseLatency.P99.String()
}
