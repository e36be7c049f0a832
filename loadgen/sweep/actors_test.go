package sweep

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"connbench/loadgen"
	"connbench/loadgen/sample"
)

// actors are servers that go wrong, each in its way, one that does not, and clients
// of both kinds. The first argument of a server is a folder where it leaves its
// number.
var actors = map[string]func(args []string){
	"act-client":    func([]string) { client() },
	"act-attendant": func(args []string) { attends(args[0], nil) },
	"act-attendant-leaving": func(args []string) { // in the first trial of those with a folder
		var leave func(string)
		if os.Mkdir(filepath.Join(args[0], "left"), 0o700) == nil {
			leave = func(line string) {
				if strings.Contains(line, string(loadgen.StageConnected)) {
					os.Exit(1)
				}
			}
		}
		attends(args[0], leave)
	},
	"act-client-one-hanging": func(args []string) { // of those with a folder the first one
		if os.Mkdir(args[0], 0o700) == nil {
			signal.Ignore(syscall.SIGTERM)
			follow("measuring")
			select {}
		}
		client()
	},
	"act-client-dying": func(args []string) {
		enter(args[0])
		follow("measuring")
		fmt.Fprintln(os.Stderr, "out of luck")
		os.Exit(7)
	},
	"act-client-mute": func(args []string) {
		enter(args[0])
		signal.Ignore(syscall.SIGTERM)
		select {}
	},
	"act-client-hanging": func(args []string) {
		enter(args[0])
		signal.Ignore(syscall.SIGTERM)
		follow("measuring")
		select {}
	},
	"act-good": func(args []string) {
		enter(args[0])
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGTERM)
		echo(nil)
		<-asked
		fmt.Println(`{"counters":{"accepted":1}}`)
	},
	"act-telling": func(args []string) {
		enter(args[0])
		asked := make(chan os.Signal, 1)
		var answers sample.Answers
		answers.Notify(asked)
		signal.Notify(asked, syscall.SIGTERM)
		if len(args) > 1 { // beside it
			go spinForTheProfile()
		}
		echo(nil)
		for {
			question := <-asked
			if question == syscall.SIGTERM {
				return
			}
			if answer := answers.To(question); answer != nil {
				if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
					panic(err)
				}
			}
		}
	},
	"act-folding": func(args []string) { // answers as an interpreter does
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, sample.AskProfile)
		listener, err := net.Listen("tcp", args[0])
		if err != nil {
			panic(err)
		}
		defer listener.Close()
		<-asked
		fmt.Println(`{"profile":{"main.py:serve;main.py:recv":3,"main.py:serve":1},"cpu_ns":4000000}`)
		select {}
	},
	"act-spinning": func(args []string) { // in many threads, so that it does where others want the CPU too
		enter(args[0])
		for range runtime.GOMAXPROCS(16) + 8 {
			go func() {
				for spins := 0; ; spins++ {
				}
			}()
		}
		echo(nil)
		select {}
	},
	"act-exit": func(args []string) {
		enter(args[0])
		fmt.Fprintln(os.Stderr, "no such license")
		os.Exit(3)
	},
	"act-garbage": func(args []string) {
		enter(args[0])
		fmt.Println("Listening on port 80...")
		select {}
	},
	"act-nowhere": func(args []string) {
		enter(args[0])
		fmt.Println(`{"address":"127.0.0.1:80"}`)
		select {}
	},
	"act-escaping": func(args []string) {
		enter(args[0])
		fmt.Println(`{"addr":"\u001b[2J127.0.0.1:80"}`)
		select {}
	},
	"act-closed": func(args []string) {
		enter(args[0])
		signal.Ignore(syscall.SIGTERM)
		os.Stdout.Close()
		select {}
	},
	"act-dying": func(args []string) {
		enter(args[0])
		echo(func(int64) {
			fmt.Fprintln(os.Stderr, "out of memory")
			os.Exit(4)
		})
		select {}
	},
	"act-starved": func(args []string) { // at the first request, and its control group, whose events are a file, says so
		enter(args[0])
		starve := sync.OnceFunc(func() { // or the second client's would empty the file before the first one's kills
			if err := os.WriteFile(args[1], []byte("oom 1\noom_kill 1\n"), 0o600); err != nil {
				panic(err)
			}
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
		})
		echo(func(int64) {
			starve()
			select {}
		})
		select {}
	},
	"act-hanging": func(args []string) {
		enter(args[0])
		echo(func(served int64) {
			if served > 1 {
				select {}
			}
		})
		select {}
	},
	"act-leaving": func(args []string) {
		enter(args[0])
		echo(func(int64) { os.Exit(0) })
		select {}
	},
	"act-deaf": func(args []string) {
		enter(args[0])
		signal.Ignore(syscall.SIGTERM)
		echo(nil)
		select {}
	},
	"act-parent": func(args []string) {
		enter(args[0])
		child := exec.Command(os.Args[0], "act-closed", args[0])
		out, err := child.StdoutPipe()
		if err == nil {
			err = child.Start()
		}
		if err != nil {
			panic(err)
		}
		out.Read(make([]byte, 1)) // it has entered
		echo(nil)
		select {} // and SIGTERM ends it, without a thought for the child
	},
}

func client() {
	if err := loadgen.Serve(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// follow makes a client of the process, as far as a stage, which it does not name.
func follow(last string) {
	out, say, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	go loadgen.Serve(context.Background(), os.Stdin, say)
	for lines := bufio.NewScanner(out); lines.Scan(); fmt.Println(lines.Text()) {
		if strings.Contains(lines.Text(), fmt.Sprintf("%q", last)) {
			return
		}
	}
}

//go:noinline
func spinForTheProfile() {
	for spins := 0; ; spins++ {
	}
}

// enter leaves a process's number in a folder.
func enter(dir string) {
	if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(os.Getpid())), nil, 0o600); err != nil {
		panic(err)
	}
}

// echo says an address and serves there; read, unless nil, is told after each
// read how many there were.
func echo(read func(served int64)) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("{\"addr\":%q}\n", l.Addr())
	go serveAll(l, read)
}

// serveAll serves each client of a listener in a goroutine.
func serveAll(l net.Listener, read func(served int64)) {
	var served atomic.Int64
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go serve(c, func() {
			if n := served.Add(1); read != nil {
				read(n)
			}
		})
	}
}

// serve echoes to the end of a stream; read is called after each read.
func serve(c net.Conn, read func()) {
	defer c.Close()
	b := make([]byte, 4<<10)
	for {
		n, err := c.Read(b)
		if err != nil {
			return
		}
		read()
		if _, err := c.Write(b[:n]); err == io.ErrShortWrite {
			return
		}
	}
}

// scripts are actors of which a test waits for something that does not come: a shell is
// there long before that, however busy the machine.
var scripts = map[string]string{
	"silent": `trap '' TERM; : >"$0/$$"; exec sleep 600`,
	"never":  `: >"$0/$$"; echo compiling >&2; exec sleep 600`,
}

// actor is the row of an actor that leaves its number in dir.
func actor(t *testing.T, name, dir string) Row {
	if script := scripts[name]; script != "" {
		return Row{Name: name, Network: "tcp", Command: []string{"sh", "-c", script, dir}}
	}
	return Row{Name: name, Network: "tcp", Command: []string{executable(t), "act-" + name, dir}}
}

func executable(t *testing.T) string {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// attends is an attendant whose rows are actors in a folder below that given; told is called with
// each line before it is attended to.
func attends(dir string, told func(line string)) {
	in, lines := io.Pipe()
	go func() {
		for scan := bufio.NewScanner(os.Stdin); scan.Scan(); {
			if told != nil {
				told(scan.Text())
			}
			lines.Write(append(scan.Bytes(), '\n'))
		}
		lines.Close()
	}()
	if err := Attend(context.Background(), in, os.Stdout, actorsThere(dir)); err != nil {
		panic(err)
	}
}

// actorsThere makes rows of actors.
func actorsThere(dir string) Attending {
	path, _ := os.Executable()
	numbers := filepath.Join(dir, "there")
	os.Mkdir(numbers, 0o700)
	return Attending{
		Usage: func(err error) bool { return errors.As(err, new(*loadgen.SpecError)) },
		Rows: func(_ context.Context, plan *Plan) (*Lineup, error) {
			made := &Lineup{Models: plan.Models, Rows: map[string]Row{}}
			for _, name := range plan.Models {
				if name == "none" {
					return nil, &loadgen.SpecError{Field: "models", Value: name, Allowed: "another"}
				}
				made.Rows[name] = Row{Name: name, Network: "tcp", Command: []string{path, "act-" + name, numbers}}
			}
			return made, nil
		},
	}
}
