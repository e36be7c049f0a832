package sample

import (
	"io"
	"os/exec"
	"testing"
	"time"

	"connbench/loadgen/process"
)

// patience is how long a test waits for something that must happen.
const patience = time.Minute

// shell starts a script that says something when it is ready, and ends with the test.
func shell(t *testing.T, script string) int {
	t.Helper()
	cmd := exec.Command("sh", "-c", script)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close() // which is what all of them wait for
		io.Copy(io.Discard, stdout)
		cmd.Wait()
	})
	if _, err := io.ReadFull(stdout, make([]byte, 6)); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

func TestSampleTree(t *testing.T) {
	t.Parallel()
	// A child, and a grandchild behind another; cat holds them by the pipe.
	pid := shell(t, `exec 3<&0; cat <&3 & sh -c 'cat <&3 & echo ready; wait' & wait`)
	for late := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		alone, children, err := sampleProcess(pid)
		if err != nil {
			t.Fatal(err)
		}
		tree := sampleTree([]int{pid})
		if len(children) == 2 && tree != nil && len(tree.pids) == 4 && tree.threads == 4 && tree.rss > alone.rss && tree.voluntary > alone.voluntary {
			break
		}
		if time.Now().After(late) {
			t.Fatalf("alone %+v with children %v, the tree %+v", alone, children, tree)
		}
	}
}

// What settles is the server with all that it has started, such as those that do its work.
func TestTreeCPU(t *testing.T) {
	t.Parallel()
	pid := shell(t, `exec 3<&0; (i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo ready; cat <&3) & wait`)
	tree := Tree(pid)
	whole, err := cpu(tree)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := cpu([]int{pid})
	if err != nil || len(tree) < 2 || alone == 0 || whole < 2*alone {
		t.Errorf("alone %v, with the %d of its tree %v, %v", alone, len(tree), whole, err)
	}
}

// The time of a child that has ended is not lost.
func TestSampleWaitedFor(t *testing.T) {
	t.Parallel()
	pid := shell(t, `sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'; echo ready; read end; :`)
	own, err := process.CPU(pid)
	if err != nil {
		t.Fatal(err)
	}
	tree := sampleTree([]int{pid})
	if tree == nil || tree.threads != 1 || tree.waited < 20*time.Millisecond || tree.cpu < own+tree.waited {
		t.Errorf("own %v, the tree %+v", own, tree)
	}
}

func TestSampleGone(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if tree := sampleTree([]int{cmd.Process.Pid}); tree != nil {
		t.Errorf("%+v", tree)
	}
}
