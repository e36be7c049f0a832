package system

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"connbench/results"
)

// Describe is the machine and the software as a run records them.
func Describe(allowed []int, p Placement) results.Environment {
	return describe(Cgroups{}, allowed, p)
}

func describe(groups Cgroups, allowed []int, p Placement) results.Environment {
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
	e.Group = groups.limits()
	used := len(p.Used())
	if used == 0 {
		used = len(allowed)
	}
	if warning := p.warning(); warning != "" {
		e.Warnings = append(e.Warnings, warning)
	}
	if warning := quotaWarning(e.Group, used); warning != "" {
		e.Warnings = append(e.Warnings, warning)
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			e.Modules[m.Path] = m.Version
		}
	}
	e.Commit, e.Binary = Build()
	return e
}

// Build is the commit that this program was built from, with +modified where files differed, and
// what tells builds of it apart; each is empty where it is not known.
func Build() (commit, binary string) {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = s.Value
			}
			if s.Key == "vcs.modified" && s.Value == "true" {
				commit += "+modified"
			}
		}
	}
	return commit, fingerprint()
}

// fingerprint tells builds of this program apart, empty where its file cannot be read.
func fingerprint() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return ""
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}
