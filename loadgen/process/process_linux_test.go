package process

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// ended waits for the end of a process.
func ended(t *testing.T, p *Process) {
	t.Helper()
	select {
	case <-p.Done():
	case <-time.After(time.Minute):
		p.Stop(0)
		t.Fatal("it does not end")
	}
}

// What a foreign program writes, on either output, is what is told of it.
func TestForeignSays(t *testing.T) {
	p, err := StartForeign([]string{"sh", "-c", "echo out; echo err >&2; exit 3"}, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	ended(t, p)
	if said := p.Said(); said != "out err" {
		t.Errorf("it said %q", said)
	}
	if err := p.Stop(time.Minute); err == nil || !strings.Contains(err.Error(), "exit status 3): out err") {
		t.Error(err)
	}
}

// Its output never fills up, and of much the end is kept.
func TestForeignSaysMuch(t *testing.T) {
	p, err := StartForeign([]string{"sh", "-c", "yes | head -c 1000000; echo the end"}, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	ended(t, p)
	if said := p.Said(); len(said) > tailSize || !strings.HasSuffix(said, "y the end") {
		t.Errorf("it said %d bytes, ... %q", len(said), said[max(0, len(said)-20):])
	}
	if err := p.Stop(time.Minute); err != nil {
		t.Error(err)
	}
}

// A process has ended when it has, though what it has started lives and holds its
// output; Stop then ends that too.
func TestProcessLeavesChild(t *testing.T) {
	p, err := StartForeign([]string{"sh", "-c", "sleep 1000 & echo $!"}, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	ended(t, p)
	if err := p.Stop(time.Minute); err != nil {
		t.Error(err)
	}
	awaitEnd(t, p.Said())
}

// awaitEnd waits for the end of a process that is not ours to wait for.
func awaitEnd(t *testing.T, pid string) {
	t.Helper()
	for late := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		b, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil || bytes.Contains(b, []byte(") Z ")) {
			return
		}
		if time.Now().After(late) {
			t.Fatalf("it lives on: %s", b)
		}
	}
}

// A process that does not look at its input ends with this one too, however that ends.
func TestProcessEndsWithItsParent(t *testing.T) {
	const parent = "CONNBENCH_TEST_PARENT"
	if os.Getenv(parent) != "" {
		p, err := Start([]string{"sleep", "600"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(p.PID())
		select {}
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestProcessEndsWithItsParent$")
	cmd.Env = append(os.Environ(), parent+"=1")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	var pid string
	if _, err := fmt.Fscan(out, &pid); err != nil {
		t.Fatal(err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	awaitEnd(t, pid)
}
