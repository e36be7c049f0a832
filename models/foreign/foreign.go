// Package foreign has servers that others wrote and many use, to be rows beside ours. Each is a
// [Preset]: the program, and a configuration that makes it comparable. It stays in the
// foreground, serves by one worker unless it is told more, keeps no log of requests and nothing
// on disk, never closes a connection by itself, has room for all clients and for as many that
// wait as the kernel allows, and sends answers at once (TCP_NODELAY). Everything else is left as
// its authors have it.
//
// Where a server has something at / that is a text of ours of the length asked for, which
// clients verify to the last byte.
//
//   - [Presets] lists them, and [Find] finds one by its name.
//   - [Preset.Program] is where it is installed, or says what to install.
//   - [Preset.Configure] writes the configuration into a folder, and returns the command
//     that serves by it there.
package foreign

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"connbench/models/wire"
)

// Preset is a server from elsewhere and how it is configured.
type Preset struct {
	Name    string
	Framing string // the codec of package wire that it speaks
	Workers bool   // it can serve by several, each with a socket of its own on the port (SO_REUSEPORT) where it can have that

	binary  string // the program's name
	debian  string // the package that has it
	arrange func(*Options) arrangement
}

// Options are what a server is told.
type Options struct {
	Address  string // host:port, or the path of a Unix socket, which has a slash
	Response int    // bytes of what is at /, of one that speaks HTTP
	Clients  int    // connections that it has to have room for
	Workers  int    // 0 for one
	Backlog  int    // connections not yet accepted; 0 for as many as the kernel allows
}

// arrangement is what a server needs: files of its folder by their names, and the command that
// is started in the folder.
type arrangement struct {
	files   map[string][]byte
	command []string
}

var presets = []Preset{
	{Name: "nginx", Framing: wire.HTTPCodec, Workers: true, binary: "nginx", debian: "nginx-light", arrange: nginx},
	{Name: "haproxy", Framing: wire.HTTPCodec, Workers: true, binary: "haproxy", debian: "haproxy", arrange: haproxy},
	{Name: "redis", Framing: wire.RESPCodec, binary: "redis-server", debian: "redis-server", arrange: redis},
	{Name: "memcached", Framing: wire.MemcacheCodec, Workers: true, binary: "memcached", debian: "memcached", arrange: memcached},
}

// Presets lists the servers, in the order in which they are shown.
func Presets() []Preset { return slices.Clone(presets) }

// Names lists their names.
func Names() []string {
	var names []string
	for _, p := range presets {
		names = append(names, p.Name)
	}
	return names
}

// Find is the preset of that name, or nil.
func Find(name string) *Preset {
	for _, p := range presets {
		if p.Name == name {
			return &p
		}
	}
	return nil
}

// MissingError is a program that is not installed. It is an [errors.ErrUnsupported].
type MissingError struct {
	Name   string // of the preset
	Debian string // the package that has it
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("%s is not installed (Debian: %s)", e.Name, e.Debian)
}

func (e *MissingError) Unwrap() error { return errors.ErrUnsupported }

// folders are where servers are that a user's $PATH may leave out.
var folders = []string{"/usr/local/sbin", "/usr/sbin"}

// Program is the path of the server's program. The error is a [*MissingError].
func (p *Preset) Program() (string, error) {
	path, err := exec.LookPath(p.binary)
	if err == nil {
		return filepath.Abs(path)
	}
	for _, dir := range folders {
		if path, err := exec.LookPath(filepath.Join(dir, p.binary)); err == nil {
			return path, nil
		}
	}
	return "", &MissingError{p.Name, p.debian}
}

// Configure writes the configuration into a folder, which is there and empty, and returns the
// command that serves by it, without the path of its program. It is to be started in that folder.
func (p *Preset) Configure(dir string, o Options) (command []string, err error) {
	if strings.Contains(o.Address, "/") {
		// The way from one folder of a run to another has only characters that mean nothing
		// to any server, and is short, as the path of a socket has to be.
		if o.Address, err = filepath.Rel(dir, o.Address); err != nil {
			return nil, err
		}
	}
	made := p.arrange(&o)
	for name, text := range made.files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return nil, err
		}
	}
	return made.command, nil
}

// unix reports whether the address is that of a Unix socket.
func (o *Options) unix() bool { return strings.Contains(o.Address, "/") }

// hostPort are the parts of an address that is not of a Unix socket.
func (o *Options) hostPort() (host, port string) {
	host, port, _ = net.SplitHostPort(o.Address)
	return host, port
}

// mostBacklog is more than kernels allow by default: they take what they allow of it.
const mostBacklog = 65535

func (o *Options) backlog() int {
	if o.Backlog > 0 {
		return o.Backlog
	}
	return mostBacklog
}

func (o *Options) workers() int { return max(1, o.Workers) }

// room is for how many connections at once a server has room: as many again as there are
// clients, since some come while others go, and a few to look whether it listens.
func (o *Options) room() int { return 2*o.Clients + 128 }
