package foreign

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"connbench/models/wire"
	"connbench/results/resultstest"
)

// configured is all that a server is told, as one text.
func configured(t *testing.T, p *Preset, o Options) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "server")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if o.Address == "" {
		o.Address = filepath.Join(filepath.Dir(dir), p.Name+".sock")
	}
	command, err := p.Configure(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = strings.Replace(string(text), "user root;\n", "", 1) // of who runs the test
	}
	var b strings.Builder
	b.WriteString("$ " + strings.Join(command, " ") + "\n")
	for _, name := range slices.Sorted(maps.Keys(files)) {
		b.WriteString("-- " + name + " --\n" + strings.TrimSuffix(files[name], "\n") + "\n")
	}
	return b.String()
}

func TestConfigure(t *testing.T) {
	for _, p := range Presets() {
		for kind, o := range map[string]Options{
			"tcp":  {Address: "127.0.0.1:7000", Response: 64, Clients: 64, Workers: 2, Backlog: 128},
			"unix": {Response: 4096, Clients: 1000},
		} {
			t.Run(p.Name+"-"+kind, func(t *testing.T) {
				resultstest.Golden(t, p.Name+"-"+kind+".golden", configured(t, &p, o))
			})
		}
	}
}

// What is at / is of the length asked for, wherever a server has it from.
func TestNginxAnswers(t *testing.T) {
	p := Find("nginx")
	for _, size := range []int{0, 1, longestParameter, longestParameter + 1, 100_000} {
		text := configured(t, p, Options{Response: size})
		if fill := string(wire.AppendFill(nil, size)); !strings.Contains(text, fill) || strings.Contains(text, `return 200 "`+fill+`";`) != (size <= longestParameter) {
			t.Errorf("%d bytes: it is told %.2000s", size, text)
		}
	}
}

func TestConfigureRefuses(t *testing.T) {
	if _, err := Find("redis").Configure(filepath.Join(t.TempDir(), "none"), Options{Address: "127.0.0.1:7000"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no such folder: %v", err)
	}
}

func TestProgram(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	folders = nil
	t.Cleanup(func() { folders = []string{"/usr/local/sbin", "/usr/sbin"} })
	p := Find("redis")
	path, err := p.Program()
	var missing *MissingError
	if !errors.As(err, &missing) || !errors.Is(err, errors.ErrUnsupported) || err.Error() != "redis is not installed (Debian: redis-server)" {
		t.Errorf("%q, %v", path, err)
	}
	want := filepath.Join(dir, "redis-server")
	if err := os.WriteFile(want, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if path, err = p.Program(); path != want || err != nil {
		t.Errorf("%q, %v; want %q", path, err, want)
	}
}

func TestPresets(t *testing.T) {
	for _, p := range Presets() {
		if found := Find(p.Name); found == nil || found.Name != p.Name || p.binary == "" || p.debian == "" {
			t.Errorf("%+v is found as %+v", p, found)
		}
		if p.arrange == nil || !slices.Contains(wire.Names(), p.Framing) {
			t.Errorf("%s speaks %s", p.Name, p.Framing)
		}
	}
	if found := Find("apache"); found != nil {
		t.Errorf("%+v", found)
	}
}
