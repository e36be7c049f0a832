package hosts

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nats-io/nkeys"
)

// The files of a folder of keys.
const (
	agentKeyFile      = "agent.key"
	controllerKeyFile = "controller.key"
	certificateFile   = "server.crt"
	serverKeyFile     = "server.key"
	ConfigurationFile = "nats-server.conf"
)

// DefaultPort is that of NATS.
const DefaultPort = "4222"

// Keys are what [MakeKeys] makes.
type Keys struct {
	Dir       string   // a folder, made if it is not there
	Addresses []string // names or numbers by which the server is reached; nil for all of this machine, and where it listens
	Listen    string   // host:port of the server; empty for :4222
	Agents    []string // that have a key each; nil for one that all agents share
}

// keyOf is the file of an agent's key.
func (k *Keys) keyOf(name string) string {
	if len(k.Agents) == 0 {
		return filepath.Join(k.Dir, agentKeyFile)
	}
	return filepath.Join(k.Dir, "agent-"+name+".key")
}

// agentsIn are the agents that have a key of their own in a folder of keys.
func agentsIn(dir string) (names []string, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "agent-*.key"))
	for _, file := range files {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "agent-"), ".key"))
	}
	return names, err
}

// Check reports what is wrong with k, before anything is made.
func (k *Keys) Check() error {
	for i, name := range k.Agents {
		if err := CheckName(name); err != nil {
			return err
		}
		if slices.Contains(k.Agents[:i], name) {
			return fmt.Errorf("agent %s twice", name)
		}
	}
	for _, address := range k.Addresses {
		if address == "" || strings.ContainsAny(address, " /:*\"\\") && net.ParseIP(address) == nil {
			return fmt.Errorf("%q is no address: a name or a number, without a port", address)
		}
	}
	_, _, err := net.SplitHostPort(cmp.Or(k.Listen, ":"+DefaultPort))
	return err
}

// MakeKeys makes the keys of agents and controllers, a certificate for the
// server, and the configuration of a nats-server that knows them. It returns the files. Those
// that are there already are not touched: the error says so.
func MakeKeys(k Keys) (files []string, err error) {
	if err := k.Check(); err != nil {
		return nil, err
	}
	if k.Dir, err = filepath.Abs(k.Dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(k.Dir, 0o700); err != nil {
		return nil, err
	}
	if _, err := os.Lstat(filepath.Join(k.Dir, controllerKeyFile)); err == nil {
		return nil, fmt.Errorf("%s has keys already: remove them, or make others elsewhere", k.Dir)
	}
	addresses := k.Addresses
	if addresses == nil {
		addresses = ownAddresses(k.Listen)
	}
	served := serverFiles{filepath.Join(k.Dir, certificateFile), filepath.Join(k.Dir, serverKeyFile)}
	certificate, err := makeCertificate(addresses, served)
	if err != nil {
		return nil, err
	}
	users := map[string]permissions{}
	add := func(role Role, name, path string, may permissions) error {
		pair, err := nkeys.CreateUser()
		if err != nil {
			return err
		}
		public, err := pair.PublicKey() // what the server knows it by
		if err != nil {
			return err
		}
		users[public] = may
		files = append(files, path)
		return (&Key{Role: role, Name: name, pair: pair}).write(path, certificate)
	}
	errs := []error{add(RoleController, "", filepath.Join(k.Dir, controllerKeyFile), ofControllers())}
	if len(k.Agents) == 0 {
		errs = append(errs, add(RoleAgent, "", k.keyOf(""), ofAgents("*")))
	}
	for _, name := range k.Agents {
		errs = append(errs, add(RoleAgent, name, k.keyOf(name), ofAgents(name)))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	configuration := filepath.Join(k.Dir, ConfigurationFile)
	text, err := configurationText(cmp.Or(k.Listen, ":"+DefaultPort), served, filepath.Join(k.Dir, "jetstream"), users)
	if err != nil {
		return nil, err
	}
	return append(files, served.certificate, served.key, configuration), writeNew(configuration, text)
}
