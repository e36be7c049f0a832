package sweep

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// foreigners are servers that are told where to listen, in their third argument; the
// first is a folder where they leave their numbers, the second the network.
var foreigners = map[string]func(args []string){
	"told-good": func(args []string) {
		enter(args[0])
		if args[1] == "udp" {
			datagrams(net.ListenConfig{}, args[2])
		}
		serveAll(listen(args), nil)
	},
	"told-sharing": func(args []string) { // its port, with others that do so too
		enter(args[0])
		if args[1] == "udp" {
			datagrams(sharing, args[2])
		}
		l, err := sharing.Listen(context.Background(), args[1], args[2])
		if err != nil {
			panic(err)
		}
		serveAll(l, nil)
	},
	"told-patient": func(args []string) { // waits for a port that is taken
		enter(args[0])
		for {
			if l, err := net.Listen(args[1], args[2]); err == nil {
				serveAll(l, nil)
			}
			time.Sleep(time.Millisecond)
		}
	},
	"told-late": func(args []string) {
		enter(args[0])
		time.Sleep(200 * time.Millisecond)
		serveAll(listen(args), nil)
	},
	"told-sequential": func(args []string) {
		enter(args[0])
		l := listen(args)
		for {
			c, err := l.Accept()
			if err != nil {
				panic(err)
			}
			serve(c, func() {})
		}
	},
	"told-chatty": func(args []string) {
		enter(args[0])
		serveAll(listen(args), func(served int64) { fmt.Println(served, strings.Repeat(".", 1000)) })
	},
	"told-java": func(args []string) { // which ends so, even if asked to
		enter(args[0])
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGTERM)
		go serveAll(listen(args), nil)
		<-asked
		os.Exit(143)
	},
	"told-deaf": func(args []string) {
		enter(args[0])
		signal.Ignore(syscall.SIGTERM)
		serveAll(listen(args), nil)
	},
	"told-exit": func(args []string) {
		enter(args[0])
		fmt.Println("usage: server PORT")
		os.Exit(2)
	},
	"told-leaving": func(args []string) {
		enter(args[0])
		fmt.Println("gone to the background")
	},
	"told-session": func(args []string) { // serves from a session of its own
		enter(args[0])
		away("told-good", args)
		select {}
	},
	"told-daemon": func(args []string) { // likewise, and goes
		enter(args[0])
		away("told-good", args)
	},
	"told-half-daemon": func(args []string) { // who serves has lost its parent
		enter(args[0])
		child := exec.Command(os.Args[0], append([]string{"told-daemon"}, args...)...)
		if err := child.Run(); err != nil {
			panic(err)
		}
		select {}
	},
	"told-terminal": func(args []string) { // writes to one
		enter(args[0])
		fmt.Println("\x1b]0;owned\a\x1b[2J\x1b[31mbad license\xff")
		os.Exit(3)
	},
	"told-dying": func(args []string) {
		enter(args[0])
		serveAll(listen(args), func(int64) {
			fmt.Fprintln(os.Stderr, "out of memory")
			os.Exit(4)
		})
	},
}

// away starts an actor in a session of its own.
func away(name string, args []string) {
	child := exec.Command(os.Args[0], append([]string{name}, args...)...)
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := child.Start(); err != nil {
		panic(err)
	}
}

// listen listens where args say, without SO_REUSEADDR, as a careless server does.
func listen(args []string) net.Listener {
	whole := net.ListenConfig{}
	if args[1] == "tcp" {
		whole = careless
	}
	l, err := whole.Listen(context.Background(), args[1], args[2])
	if err != nil {
		panic(err)
	}
	return l
}

// sharing lets others have its port, and careless cannot have one on which old connections linger.
var sharing, careless = withOption(unix.SO_REUSEPORT, 1), withOption(unix.SO_REUSEADDR, 0)

// withOption listens with an option of sockets set.
func withOption(option, value int) net.ListenConfig {
	return net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		var err error
		controlled := c.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, option, value) })
		return errors.Join(controlled, err)
	}}
}

// datagrams echoes each.
func datagrams(as net.ListenConfig, address string) {
	c, err := as.ListenPacket(context.Background(), "udp", address)
	if err != nil {
		panic(err)
	}
	b := make([]byte, 1<<16)
	for {
		n, from, err := c.ReadFrom(b)
		if err != nil {
			panic(err)
		}
		c.WriteTo(b[:n], from)
	}
}

// foreigner is the row of a foreign actor that leaves its number in dir.
func foreigner(t *testing.T, name, network, dir string) Row {
	row := Row{Name: name, Network: network, Foreign: true, Sockets: t.TempDir()}
	if script := scripts[name]; script != "" {
		row.Command = []string{"sh", "-c", script, dir, "{addr}"}
	} else {
		row.Command = []string{executable(t), "told-" + name, dir, network, "{addr}"}
	}
	return row
}
