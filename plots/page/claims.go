package page

import (
	"fmt"
	"html/template"
	"slices"

	"connbench/results"
	"connbench/results/document"
	"connbench/results/read"
)

// SaveClaims writes the report on claims into the run's folder, as [SaveRun] does: what
// became of them in short, and each with the values that this rests on and the lines of
// trials.jsonl behind them. A value of a trial that is not there is an error.
func SaveClaims(dir string, run *results.Run, trials []results.Trial, claims []read.Claim) (string, error) {
	f, err := newClaimsPage(run, trials, claims)
	if err != nil {
		return "", err
	}
	return f.save(dir, claimsKind)
}

// claimsContent is what the page of claims has.
type claimsContent struct {
	Summary  string
	Outcomes []outcome
	Claims   []claim
	Meanings meanings
}

// outcome is what became of some claims.
type outcome struct {
	Outcome read.ClaimOutcome
	Claims  []claim
}

type claim struct {
	read.Claim
	Anchor string
	Class  template.HTMLAttr // of the section
	Shown  []claimFigure
}

// claimFigure is a figure with links to what it rests on.
type claimFigure struct {
	Name, Text, Note string
	Links            []lineLinks
}

// lineLinks lead to a line and to the histogram log of its trial, if there is one.
type lineLinks struct {
	Number   int
	Line     template.URL
	Log      string
	Trial    string // what it was, for people
	Verdicts []string
}

func newClaimsPage(run *results.Run, trials []results.Trial, claims []read.Claim) (*page, error) {
	f := newFrame(run, results.Plural(len(claims), "claim"), nil)
	f.Notices = here(run)
	f.Data.explain(trials)
	content := claimsContent{Summary: document.ClaimsSummary(claims)}
	line := linesByTrial(trials)
	var rested []results.Trial
	for i := range claims {
		c := claim{Claim: claims[i], Anchor: "claim-" + claims[i].ID, Class: outcomeClass(claims[i].Outcome)}
		if i+1 < len(claims) && claims[i+1].Method == c.Method {
			c.Method = "" // is said below the last that it is for
		}
		for j := range c.Figures {
			figure := &c.Figures[j]
			shown := claimFigure{Name: figure.Name, Text: figure.Text(), Note: figure.Note}
			for _, n := range figure.Trials {
				at, known := line[n]
				if !known {
					return nil, fmt.Errorf("claim %s: %s: trial %d is not in trials.jsonl", c.ID, figure.Name, n)
				}
				t := &trials[at]
				rested = append(rested, *t)
				shown.Links = append(shown.Links, lineLinks{at + 1, lineLink(t), logOf(t), trialText(t), t.Verdicts})
			}
			c.Shown = append(c.Shown, shown)
		}
		content.Claims = append(content.Claims, c)
	}
	for _, o := range read.ClaimOutcomes {
		some := slices.DeleteFunc(slices.Clone(content.Claims), func(c claim) bool { return c.Outcome != o })
		if len(some) > 0 {
			content.Outcomes = append(content.Outcomes, outcome{o, some})
		}
	}
	content.Meanings = meanings{Verdicts: verdictsIn(rested)}
	f.Content = content
	f.Sections = []section{{"answer", "Answer"}, {"claims", "Claims"}}
	return f, nil
}

// linesByTrial is where in trials the last attempt at each is, by its number.
func linesByTrial(trials []results.Trial) map[int]int {
	line := map[int]int{}
	for i := range trials {
		if at, seen := line[trials[i].Trial]; !seen || trials[at].Attempt < trials[i].Attempt {
			line[trials[i].Trial] = i
		}
	}
	return line
}

// outcomeClass gives what is decided its colour.
func outcomeClass(o read.ClaimOutcome) template.HTMLAttr {
	switch o {
	case read.Confirmed, read.Refuted:
		return template.HTMLAttr(`class="claim ` + string(o) + `"`)
	}
	return `class="claim"`
}

// trialText says what a trial was.
func trialText(t *results.Trial) string {
	text := document.At(t.Key())
	if t.Model != "" {
		text = t.Model + ", " + text
	}
	if t.Failure != "" {
		return text + "\nfailed: " + results.OneLine(t.Failure)
	}
	return text + "\n" + results.Count(t.ThroughputRPS) + " requests/s, p99 " + t.ResponseLatency.P99Text()
}
