package hosts

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMakeKeys(t *testing.T) {
	k := makeKeys(t, "a", "b")
	names, err := filepath.Glob(filepath.Join(k.Dir, "*"))
	if err != nil || len(names) != 6 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if info, err := os.Stat(name); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if info, err := os.Stat(k.Dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Error(info.Mode(), err)
	}
	for file, want := range map[string]Key{"agent-a.key": {Role: RoleAgent, Name: "a"}, "agent-b.key": {Role: RoleAgent, Name: "b"}, controllerKeyFile: {Role: RoleController}} {
		if got := readKey(t, filepath.Join(k.Dir, file)); got.Role != want.Role || got.Name != want.Name {
			t.Errorf("%s is of %s %q", file, got.Role, got.Name)
		}
	}
	before, err := os.ReadFile(k.keyOf("a"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := MakeKeys(k); err == nil || !strings.Contains(err.Error(), "has keys already") {
		t.Error(err)
	}
	if after, err := os.ReadFile(k.keyOf("a")); err != nil || !bytes.Equal(before, after) {
		t.Error("a key was touched")
	}
}

func TestKeysRefused(t *testing.T) {
	for _, row := range []struct {
		keys Keys
		want string
	}{
		{Keys{Agents: []string{"a.b"}}, `"a.b" is no name of a host`},
		{Keys{Agents: []string{""}}, `"" is no name of a host`},
		{Keys{Agents: []string{">"}}, `">" is no name of a host`},
		{Keys{Agents: []string{"-x"}}, `"-x" is no name of a host`},
		{Keys{Agents: []string{"a", "b", "a"}}, "agent a twice"},
		{Keys{Addresses: []string{"10.0.0.1:4222"}}, `"10.0.0.1:4222" is no address`},
		{Keys{Agents: []string{"server", ""}}, `"" is no name of a host`},
		{Keys{Addresses: []string{"a b"}}, `"a b" is no address`},
		{Keys{Listen: "4222"}, "missing port"},
	} {
		row.keys.Dir = filepath.Join(t.TempDir(), "keys")
		if _, err := MakeKeys(row.keys); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%+v: %v", row.keys, err)
		}
		if _, err := os.Stat(row.keys.Dir); err == nil {
			t.Errorf("%+v: a folder was made", row.keys)
		}
	}
}

// A key that others can read, a damaged one and what is none are refused in a line that
// has nothing of it.
func TestReadKeyRefuses(t *testing.T) {
	k := makeKeys(t)
	path := k.keyOf("")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(whole), "\n")
	seed := lines[3] // behind the role and an empty line
	flipped := strings.Replace(string(whole), seed, "A"+seed[1:], 1)
	if strings.HasPrefix(seed, "A") || flipped == string(whole) {
		t.Fatalf("nothing was changed in %q", seed)
	}
	for name, row := range map[string]struct {
		text string
		mode os.FileMode
		want string
	}{
		"of the group":       {string(whole), 0o640, "is open to others (mode 0640): chmod 600"},
		"of all":             {string(whole), 0o604, "is open to others"},
		"a bit changed":      {flipped, 0o600, "damaged"},
		"cut":                {string(whole[:100]), 0o600, "no key of connbench"},
		"empty":              {"", 0o600, "no key of connbench"},
		"a certificate":      {strings.Join(lines[6:], ""), 0o600, "no key of connbench"},
		"two keys":           {string(whole) + string(whole), 0o600, "no key of connbench"},
		"another role":       {strings.Replace(string(whole), "Role: agent", "Role: owner", 1), 0o600, "neither of an agent"},
		"a name that is not": {strings.Replace(string(whole), "Role: agent", "Role: agent\nName: a.b", 1), 0o600, "is no name"},
		"long":               {string(whole) + strings.Repeat("\n", largestKey), 0o600, "too long"},
	} {
		path := filepath.Join(t.TempDir(), "some.key")
		if err := os.WriteFile(path, []byte(row.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, row.mode); err != nil {
			t.Fatal(err)
		}
		_, err := ReadKey(path)
		if err == nil || !strings.Contains(err.Error(), row.want) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadKey(k.Dir); err == nil || !strings.Contains(err.Error(), "is no file") {
		t.Error(err)
	}
}

// A server whose key others can read is not embedded, and keys that are not there are asked for.
func TestEmbedRefuses(t *testing.T) {
	k := makeKeys(t)
	secret := filepath.Join(k.Dir, serverKeyFile)
	if err := os.Chmod(secret, 0o644); err != nil {
		t.Fatal(err)
	}
	none, plain := filepath.Join(t.TempDir(), "none"), t.TempDir()
	if err := os.WriteFile(filepath.Join(plain, ConfigurationFile), []byte(`listen: "127.0.0.1:0"`), 0o600); err != nil {
		t.Fatal(err)
	}
	for keys, want := range map[string]string{
		k.Dir: secret + " is open to others (mode 0644): chmod 600 " + secret,
		plain: plain + "/nats-server.conf has no certificate for TLS, without which nothing is served",
		none:  none + "/nats-server.conf is not there: connbench hosts keys " + none + " makes it",
	} {
		c, err := Open(t.Context(), Options{Keys: keys, Listen: "127.0.0.1:0"})
		if err == nil {
			c.Close()
		}
		if err == nil || err.Error() != want {
			t.Errorf("%v, not %q", err, want)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add([]byte("-----BEGIN CONNBENCH NKEY SEED-----\nRole: agent\n\nU1VBSg==\n-----END CONNBENCH NKEY SEED-----\n"))
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if k, err := parseKey(text); err == nil && (k.pair == nil || k.Role != RoleAgent && k.Role != RoleController) {
			t.Errorf("%q is taken for a key", text)
		}
	})
}
