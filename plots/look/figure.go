package look

// Figure is a drawn figure.
type Figure struct {
	Name                     string // of its files, without what says their format
	Title, Subtitle, Caption string
	SVG, PNG                 []byte // these stand alone, with all that is said above
	// Bare is an SVG without title, subtitle, caption and ground, for a page that says these in
	// its own texts. It names no font and has no size of its own.
	Bare []byte
}
