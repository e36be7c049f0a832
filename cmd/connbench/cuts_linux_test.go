package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"connbench/loadgen/sweep"

	"connbench/results"
)

// limitOf is a setting of this machine that cuts what is asked for beyond it.
func limitOf(t *testing.T, key string) int {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("/proc/sys", strings.ReplaceAll(key, ".", "/")))
	if err != nil {
		t.Skip(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestServeSaysWhatIsCut: a server that asks for more than this machine gives says what it
// has, and why, on each network and where children have the socket.
func TestServeSaysWhatIsCut(t *testing.T) {
	receive, backlog := limitOf(t, "net.core.rmem_max"), limitOf(t, "net.core.somaxconn")
	if receive >= 1<<30 || backlog >= 65535 {
		t.Skip("this machine cuts nothing that may be asked for")
	}
	buffer, queue := fmt.Sprintf("--rcvbuf=%d", 1<<30), "--backlog=65535"
	cut := []string{
		"connbench: warning: --rcvbuf 1 GiB comes to " + results.Bytes(int64(receive)) + ": net.core.rmem_max is " + strconv.Itoa(receive),
		"connbench: warning: --backlog 65535 comes to " + strconv.Itoa(backlog) + ": net.core.somaxconn is " + strconv.Itoa(backlog),
	}
	has := fmt.Sprintf(`"effective":{"rcvbuf_bytes":%d,"backlog":%d}}`, receive, backlog)
	for _, tt := range []struct {
		name, hello string
		args, warns []string
	}{
		{"goroutine", has, []string{buffer, queue}, cut},
		{"reactor", has, []string{buffer, queue}, cut},
		{"prefork", has, []string{buffer, queue}, cut},
		{"thread", has, []string{buffer, queue, "--network=unix", "--addr=" + t.TempDir() + "/s"}, cut},
		{"udp", fmt.Sprintf(`"effective":{"rcvbuf_bytes":%d}}`, receive), []string{buffer}, cut[:1]},
		{"pool", `"effective":{"rcvbuf_bytes":65536,"backlog":3}}`, []string{"--rcvbuf=64KiB", "--backlog=3"}, nil},
	} {
		hello, warned := served(t, append([]string{"serve", tt.name}, tt.args...))
		if !strings.HasSuffix(hello, tt.hello) {
			t.Errorf("%s: %s, want %s", tt.name, hello, tt.hello)
		}
		if want := strings.Join(tt.warns, "\n"); strings.TrimSpace(warned) != want {
			t.Errorf("%s warns:\n%s\nwant:\n%s", tt.name, warned, want)
		}
	}
}

// served is the first line of a server, which is ended then, and its standard error.
func served(t *testing.T, args []string) (hello, warned string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, w := io.Pipe()
	var errOut bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		code := run(ctx, args, strings.NewReader(""), w, &errOut)
		w.Close()
		ended <- code
	}()
	lines := json.NewDecoder(r)
	var line json.RawMessage
	if err := lines.Decode(&line); err != nil {
		t.Fatalf("%v: %v %s", args, err, errOut.String())
	}
	cancel()
	_, _ = io.Copy(io.Discard, r)
	if code := <-ended; code != exitDone {
		t.Fatalf("%v: exit status %d, %s", args, code, errOut.String())
	}
	return string(line), errOut.String()
}

// TestPlansSayWhatIsCut: a plan's knobs too, and what is not cut is not said.
func TestPlansSayWhatIsCut(t *testing.T) {
	queue := limitOf(t, "net.core.somaxconn")
	if queue >= 65535 {
		t.Skip("this machine cuts no backlog")
	}
	plan := sweep.DefaultPlan([]string{"goroutine"})
	plan.Knobs = map[string]string{"backlog": "65535", "rcvbuf": "16KiB"}
	want := fmt.Sprintf("--backlog 65535 comes to %d: net.core.somaxconn is %d", queue, queue)
	if said := cuts(&plan); len(said) != 1 || said[0] != want {
		t.Errorf("%q, want %q", said, want)
	}
	plan.Knobs = nil
	if said := cuts(&plan); said != nil {
		t.Errorf("without knobs: %q", said)
	}
}
