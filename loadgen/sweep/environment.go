package sweep

import (
	"runtime"
	"runtime/debug"

	"connbench/results"
)

// Describe is the machine and the software as a run records them.
func Describe(allowed []int, p Placement) results.Environment {
	e := results.Environment{
		OS:          runtime.GOOS,
		Arch:        runtime.GOARCH,
		AllowedCPUs: FormatCPUs(allowed),
		ServerCPUs:  FormatCPUs(p.Server),
		ClientCPUs:  FormatCPUs(p.Client),
		SharedCPUs:  p.Shared(),
		Go:          runtime.Version(),
		GOMAXPROCS:  runtime.GOMAXPROCS(0),
		Modules:     map[string]string{},
	}
	describeMachine(&e)
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			e.Modules[m.Path] = m.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				e.Commit = s.Value
			}
			if s.Key == "vcs.modified" && s.Value == "true" {
				e.Commit += "+modified"
			}
		}
	}
	return e
}
