// Package page writes the report of a run: one page that loads nothing, whose only script is
// its own. It is one template that renders documents of package document, as the writers of
// text and Markdown do: [SaveRun] has the ranking in sentences, the tables of all points and
// the figures that it is given; [SaveTable], [SaveTune] and [SaveClaims] do the same for a
// comparison table, for the values of a knob and for claims.
//
// Beyond what a document says, its tables can be sorted and narrowed here, and what they say of
// a row can be traced to lines of trials.jsonl: a row opens to the trials that it rests on.
// Figures are SVGs that stand in the page itself, with
// their words as words of the page and their colours as its ground wants them, light or
// dark; where the window is narrow they scroll sideways, which the page never does.
package page
