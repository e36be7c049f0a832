package system

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"connbench/models/kernel"

	"github.com/google/go-cmp/cmp"
)

// fixture is the root of a file system with the given files.
func fixture(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestCuts(t *testing.T) {
	readable := fixture(t, map[string]string{
		"proc/sys/net/core/rmem_max": "212992\n", "proc/sys/net/core/wmem_max": "425984\n", "proc/sys/net/core/somaxconn": "128\n",
	})
	for _, tt := range []struct {
		name, root string
		asked      kernel.SocketOptions
		came       kernel.Effective
		want       string
	}{
		{"nothing asked", readable, kernel.SocketOptions{}, kernel.Effective{RecvBuffer: 65536, SendBuffer: 8192, Backlog: 128}, ""},
		{"nothing known", readable, kernel.SocketOptions{RecvBuffer: 1 << 20, Backlog: 4096}, kernel.Effective{}, ""},
		{"as asked", readable, kernel.SocketOptions{RecvBuffer: 1024, Backlog: 5}, kernel.Effective{RecvBuffer: 1024, Backlog: 5}, ""},
		{"all cut", readable, kernel.SocketOptions{RecvBuffer: 8 << 20, SendBuffer: 1 << 20, Backlog: 65535}, kernel.Effective{RecvBuffer: 212992, SendBuffer: 425984, Backlog: 128},
			"--rcvbuf 8 MiB comes to 208 KiB: net.core.rmem_max is 212992; --sndbuf 1 MiB comes to 416 KiB: net.core.wmem_max is 425984; " +
				"--backlog 65535 comes to 128: net.core.somaxconn is 128"},
		{"raised", readable, kernel.SocketOptions{RecvBuffer: 256}, kernel.Effective{RecvBuffer: 1152}, "--rcvbuf 256 B comes to 1.13 KiB: the kernel gives no less"},
		{"hidden", t.TempDir(), kernel.SocketOptions{Backlog: 300}, kernel.Effective{Backlog: 128},
			"--backlog 300 comes to 128: net.core.somaxconn cuts it, which cannot be read here"},
	} {
		var got []string
		for _, c := range Cuts(tt.root, tt.asked, tt.came) {
			got = append(got, c.String())
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, "; ")); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}
