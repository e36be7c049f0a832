package profile

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The test binary's functions are where Go's runtime says that they are.
func TestObject(t *testing.T) {
	t.Parallel()
	pc, file, line, _ := runtime.Caller(0)
	o := readObject("/opt/server", filepath.Join(t.TempDir(), "gone"), exe(t))
	if got := o.at(uint64(pc)); !strings.HasSuffix(got.function, "profile.TestObject") || got.file != file || got.line != line {
		t.Errorf("%x is in %+v, want line %d of %s", pc, got, line, file)
	}
	load := o.loads[0]
	if got := o.virtual(load.Off + 8); got != load.Vaddr+8 || o.mapping.Start != load.Vaddr || o.mapping.File != "/opt/server" {
		t.Errorf("offset %x is at %x, of %+v", load.Off+8, got, o.mapping)
	}
	if got := o.at(1).function; got != "[server]" {
		t.Errorf("no function is %s", got)
	}
}

// What is no program has no functions.
func TestObjectWithoutSymbols(t *testing.T) {
	t.Parallel()
	text := filepath.Join(t.TempDir(), "text")
	check(t, os.WriteFile(text, []byte("no program"), 0o600))
	for name, want := range map[string]string{text: "[text]", "[vdso]": "[vdso]", "[anonymous]": "[anonymous]"} {
		if got := readObject(name, name).at(0x1000).function; got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
