package hosts

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// installed is a folder with a connbench, which is this test binary, and the engines'.
func installed(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Link(os.Args[0], filepath.Join(dir, "connbench")); err != nil {
		t.Skip(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "connbench-engines"), []byte("engines"), 0o700); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "connbench")
}

func TestDiffers(t *testing.T) {
	ours := Version{Protocol: 2, Commit: "o", Program: "p", OS: "linux", Arch: "amd64"}
	for _, row := range []struct {
		name      string
		change    func(*Version)
		want      string
		shippable bool
	}{
		{"the same", func(*Version) {}, "", false},
		{"of another commit but the same", func(v *Version) { v.Commit = "c" }, "", false},
		{"newer", func(v *Version) { v.Protocol, v.Commit = 3, "c" }, "its connbench (commit c) is newer than this one (commit o): install that here", false},
		{"older", func(v *Version) { v.Protocol, v.Commit = 1, "" }, "its connbench (commit unknown) is older than this one (commit o): install this one there", false},
		{"another build", func(v *Version) { v.Program = "q" }, "its connbench (commit o) is another build than this one (commit o)", true},
		{"for another processor", func(v *Version) { v.Program, v.Arch = "q", "arm64" }, "its connbench (commit o) is another build than this one (commit o)", false},
		{"for another system", func(v *Version) { v.Program, v.OS = "q", "darwin" }, "its connbench (commit o) is another build than this one (commit o)", false},
	} {
		theirs := ours
		row.change(&theirs)
		if what, shippable := theirs.differs(ours); what != row.want || shippable != row.shippable {
			t.Errorf("%s: %q, %v", row.name, what, shippable)
		}
	}
}

func TestOtherVersions(t *testing.T) {
	program := installed(t)
	c := open(t, func(o *Options) { o.Program, o.Commit = program, "mine" })
	this := c.version
	this.Commit = "theirs"
	version := func(change func(*Version), update bool) func(*Agent) {
		return func(a *Agent) {
			a.Info.Version, a.Info.AllowUpdate = this, update
			change(&a.Info.Version)
		}
	}
	for _, row := range []struct {
		name   string
		change func(*Version)
		update bool
		want   string // empty where it is claimed
	}{
		{"same", func(*Version) {}, false, ""},
		{"older", func(v *Version) { v.Protocol-- }, true, "host older: its connbench (commit theirs) is older than this one (commit mine): install this one there"},
		{"newer", func(v *Version) { v.Protocol++ }, true, "host newer: its connbench (commit theirs) is newer than this one (commit mine): install that here"},
		{"build", func(v *Version) { v.Program = "x" }, false, "host build: its connbench (commit theirs) is another build than this one (commit mine): install this one there, or start its agent with --allow-update"},
		{"arch", func(v *Version) { v.Program, v.Arch = "x", "s390x" }, true, "and for " + runtime.GOOS + "/s390x: install there what was built from this commit"},
		{"update", func(v *Version) { v.Program = "x" }, true, ""},
	} {
		join(t, c, row.name, version(row.change, row.update))
		_, err := c.Claim(t.Context(), []string{row.name}, patience)
		if row.want == "" && err != nil || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

// A shipped program is what an agent starts for as long as it works for who has shipped it.
func TestShipped(t *testing.T) {
	program := installed(t)
	t.Setenv("TMPDIR", t.TempDir())
	c := open(t, func(o *Options) { o.Program = program })
	join(t, c, "a", func(a *Agent) {
		a.Info.Version, a.Info.AllowUpdate = c.version, true
		a.Info.Version.Program = "another"
		a.Program = "/nonexistent/connbench"
	})
	h := claimAll(t, c, "a")[0]
	_, pid := running(t, h)
	path, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/exe")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(path)
	for name, mode := range map[string]os.FileMode{".": os.ModeDir | 0o700, "connbench": 0o700, "connbench-engines": 0o700} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v", name, err)
		}
	}
	if path == program || filepath.Base(path) != "connbench" {
		t.Errorf("it runs %s", path)
	}
	got, err := Fingerprint(path)
	if err != nil || got != c.version.Program {
		t.Errorf("what was shipped is another: %v", err)
	}
	if err := h.release(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left: %v", dir, err)
	}
}

// Where there is no room for a shipped program the claim says so, and the agent is free.
func TestShippedWithoutRoom(t *testing.T) {
	program := installed(t)
	c := open(t, func(o *Options) { o.Program = program })
	m := join(t, c, "a", func(a *Agent) {
		a.Info.Version, a.Info.AllowUpdate = c.version, true
		a.Info.Version.Program = "another"
	})
	eventually(t, "it is there", func() bool { _, err := c.infoOf(t.Context(), "a"); return err == nil })
	t.Setenv("TMPDIR", "/nonexistent")
	_, err := c.Claim(t.Context(), []string{"a"}, patience)
	if err == nil || !strings.Contains(err.Error(), "host a: connbench could not be shipped: ") || !strings.Contains(err.Error(), "no such file or directory") {
		t.Error(err)
	}
	if m.log.String() == "" || !strings.HasSuffix(m.log.String(), "agent a is free") {
		t.Errorf("%s", &m.log)
	}
}

// A full disk is told from a store that fails.
func TestDiskFull(t *testing.T) {
	c := open(t)
	stored, err := c.objects.put(t.Context(), bucketOf("a"), "x", strings.NewReader(strings.Repeat("x", 1<<20)))
	if err != nil {
		t.Fatal(err)
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	if err := c.objects.get(t.Context(), bucketOf("a"), *stored, full); err == nil || err.Error() != "write /dev/full: no space left on device" {
		t.Error(err)
	}
}
