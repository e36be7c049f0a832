package foreign

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"connbench/loadgen/process"
	"connbench/models/wire"
)

// patience is how long a test waits for something that must happen.
const patience = time.Minute

// running starts a preset that is installed, or skips the test; where everything is tested it must
// be installed. It returns a way to connect.
func running(t *testing.T, p *Preset, o Options) func() (net.Conn, error) {
	t.Helper()
	program, err := p.Program()
	switch {
	case err != nil && os.Getenv("CI") != "":
		t.Fatalf("CI is set, and %v", err)
	case err != nil:
		t.Skip(err)
	}
	root, network := t.TempDir(), "tcp"
	dir := filepath.Join(root, "server")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if o.Address == "" {
		o.Address, network = filepath.Join(root, "s"), "unix"
	}
	command, err := p.Configure(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd := exec.Command(program, command[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(patience):
			syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			t.Errorf("%s does not end", p.Name)
		}
		if t.Failed() {
			t.Logf("%s said %s", p.Name, &said)
		}
	})
	dial := func() (net.Conn, error) { return net.Dial(network, o.Address) }
	for late := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		c, err := dial()
		if err == nil {
			c.Close()
			return dial
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("%s has ended: %v", p.Name, err)
		default:
		}
		if time.Now().After(late) {
			t.Fatal(err)
		}
	}
}

// free is an address that the test alone has.
func free(t *testing.T) string {
	t.Helper()
	port, err := process.FreePort(t.Context(), "tcp", process.Loopback)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(port.Release)
	return port.Address
}

// Those of HTTP have at / what clients will look for, and keep connections.
func TestServesHTTP(t *testing.T) {
	for _, p := range Presets() {
		if p.Framing != wire.HTTPCodec {
			continue
		}
		for _, o := range []Options{{}, {Response: 64, Workers: 2, Address: free(t)}, {Response: 4096}, {Response: 300_000}} {
			o.Clients = 4
			t.Run(fmt.Sprintf("%s/%d bytes", p.Name, o.Response), func(t *testing.T) {
				t.Parallel()
				dial, dialed := running(t, &p, o), 0
				client := http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
					dialed++
					return dial()
				}}}
				defer client.CloseIdleConnections()
				for _, method := range []string{"GET", "HEAD", "GET"} {
					request, err := http.NewRequest(method, "http://localhost/", nil)
					if err != nil {
						t.Fatal(err)
					}
					answer, err := client.Do(request)
					if err != nil {
						t.Fatal(err)
					}
					body, err := io.ReadAll(answer.Body)
					answer.Body.Close()
					want := wire.AppendFill(nil, o.Response)
					if method == "HEAD" {
						want = nil
					}
					if answer.StatusCode != http.StatusOK || !bytes.Equal(body, want) || answer.ContentLength != int64(o.Response) || err != nil {
						t.Errorf("%s: %s, %d bytes, %d announced, %v", method, answer.Status, len(body), answer.ContentLength, err)
					}
				}
				if answer, err := client.Get("http://localhost/nowhere"); err != nil || answer.StatusCode != http.StatusNotFound {
					t.Errorf("elsewhere: %+v, %v", answer, err)
				}
				if dialed != 1 {
					t.Errorf("%d connections, want one that is kept", dialed)
				}
			})
		}
	}
}

// What is set is there as long as the server is, and nothing of it on disk.
func TestServesValues(t *testing.T) {
	large := strings.Repeat("v", 1<<20)
	for _, tt := range []struct {
		name, asked, want string
		workers           int
	}{
		{"redis", "SET key value\r\nGET key\r\nCONFIG GET save\r\nCONFIG GET appendonly\r\nPING\r\n",
			"+OK\r\n$5\r\nvalue\r\n*2\r\n$4\r\nsave\r\n$0\r\n\r\n*2\r\n$10\r\nappendonly\r\n$2\r\nno\r\n+PONG\r\n", 0},
		{"memcached", "set key 0 0 1048576\r\n" + large + "\r\nget key\r\nget none\r\n", "STORED\r\nVALUE key 0 1048576\r\n" + large + "\r\nEND\r\nEND\r\n", 2},
	} {
		for _, o := range []Options{{Clients: 4}, {Clients: 4, Workers: tt.workers, Address: free(t)}} {
			t.Run(tt.name+o.Address, func(t *testing.T) {
				t.Parallel()
				c, err := running(t, Find(tt.name), o)()
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				c.SetDeadline(time.Now().Add(patience))
				fmt.Fprint(c, tt.asked)
				got := make([]byte, len(tt.want))
				if _, err := io.ReadFull(c, got); err != nil || string(got) != tt.want {
					t.Errorf("%.200q, %v; want %.200q", got, err, tt.want)
				}
			})
		}
	}
}
