package manual

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"
)

// Version says which build this is.
type Version struct {
	JSON bool `help:"Print it as JSON."`
}

// Help is what the command's --help says beyond its flags.
func (Version) Help() string {
	return "The commit, and a build by a digest of the program's file: builds of one commit may differ, " +
		"and agents take a controller's for their own only if its build is the same."
}

// Run writes it.
func (v Version) Run(out io.Writer, build Build) error {
	if v.JSON {
		return json.NewEncoder(out).Encode(build)
	}
	_, err := fmt.Fprintln(out, build)
	return err
}

// VersionFlag does the same where there is no command.
type VersionFlag bool

// BeforeReset is called by kong where the flag is given.
func (VersionFlag) BeforeReset(app *kong.Kong, build Build) error {
	fmt.Fprintln(app.Stdout, build)
	app.Exit(0)
	return nil
}

// Build is what a program was made of, and with.
type Build struct {
	Version string `json:"version,omitempty"` // of the module; absent of a build from a working tree
	Commit  string `json:"commit,omitempty"`  // +modified where files differed from it; absent where that is not known
	Time    string `json:"commit_time,omitempty"`
	Binary  string `json:"binary,omitempty"` // a digest of the program's file
	Tags    string `json:"tags,omitempty"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

// BuildOf is this program's. Its commit and digest are told.
func BuildOf(commit, binary string) Build {
	b := Build{Commit: commit, Binary: binary, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := info.Main.Version; v != "(devel)" {
		b.Version = v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.time":
			b.Time = s.Value
		case "-tags":
			b.Tags = s.Value
		}
	}
	return b
}

// String is a line: what it is, its build, and with what that was made.
func (b Build) String() string {
	parts := []string{"connbench " + cmp.Or(b.Version, "(devel)")}
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+" "+value)
		}
	}
	add("commit", cmp.Or(strings.TrimSpace(b.Commit+" "+b.Time), "not known"))
	add("build", b.Binary)
	add("tags", b.Tags)
	return strings.Join(append(parts, b.Go+" "+b.OS+"/"+b.Arch), ", ")
}
