package models

import (
	"embed"
	"io/fs"
)

//go:embed *.go */*.go
var goFiles embed.FS

// Source is the Go source of this package and of those below it, tests included, as
// it was built: what a model takes is counted there.
//
// The files of a model are those that begin with its name, with _ for -, and that no
// longer name of a model begins: reactor.go and reactor_loop_linux.go are reactor's,
// reactor_multi.go is reactor-multi's. Its Model is declared in one of them.
func Source() fs.FS { return goFiles }
