// Package look is what all figures of a run share, and the page that shows them: how a
// model is drawn ([Order], [Look], [Marker]), the colours on light and on dark ground
// ([DarkStyle]), texts and lines, and axes ([Scale], [Ticker]).
//
// It knows no model: whoever draws a run says in which order models are shown, and each
// name has one look in all figures that are drawn with that order. A [Figure] is what is
// drawn in the end, ready to be saved and shown.
package look
