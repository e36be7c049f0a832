// Package page writes the report of a run: one page that loads nothing, whose only script is
// its own. It is one template that renders documents of package document, as the writers of
// text and Markdown do: [SaveRun] has the ranking, the tables of all points and the figures that
// it is given; [SaveTable], [SaveTune] and [SaveClaims] do the same for a comparison table, for the
// values of a knob and for claims, [SaveChoice] for a choice among rows. [SaveIndex] is on a folder
// of runs.
//
// Beyond what a document says, answer, tables and figures can be narrowed together here and tables
// sorted, in a view that the page's address keeps; a table can be copied as it is seen. What is said
// of a row can be traced to lines of trials.jsonl: it opens to the trials that it rests on.
//
// Figures are SVGs that stand in the page itself, with their words as words of the page and their
// colours as its ground wants them, light or dark; their marks show their values to a pointer, a
// finger and the arrow keys. Where the window is narrow they are smaller, or in full size, which can be
// chosen, scroll sideways, as the page never does. Flame graphs are those of package flame, whose style and script are in a
// page that has some.
//
// A page has to keep the rules of axe-core, which `make page-check` holds one of each kind against: a
// new kind has an entry in the test's pagesOf.
package page
