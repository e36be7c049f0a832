package hosts

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// embedded is a server of NATS in this process, with the configuration of a folder of keys.
type embedded struct {
	server  *server.Server
	options *server.Options
}

const serverTimeout = 10 * time.Second

// embed starts a server that listens on host:port, port 0 for any free one, and keeps what it stores in
// a folder.
func embed(keys, listen, store string) (*embedded, error) {
	configuration := filepath.Join(keys, ConfigurationFile)
	if _, err := os.Stat(configuration); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s is not there: connbench hosts keys %s makes it", configuration, keys)
	}
	secret := filepath.Join(keys, serverKeyFile)
	if info, err := os.Stat(secret); err == nil { // which may be elsewhere, as the configuration says
		if err := checkClosed(secret, info); err != nil {
			return nil, err
		}
	}
	o, err := server.ProcessConfigFile(configuration)
	if err != nil {
		return nil, err
	}
	if o.TLSConfig == nil || len(o.TLSConfig.Certificates) == 0 {
		return nil, fmt.Errorf("%s has no certificate for TLS, without which nothing is served", configuration)
	}
	if listen != "" {
		host, port, err := net.SplitHostPort(listen)
		if err != nil {
			return nil, fmt.Errorf("listen on %s: %w", listen, err)
		}
		if o.Port, err = strconv.Atoi(port); err != nil || o.Port < 0 || o.Port > 65535 {
			return nil, fmt.Errorf("listen on %s: %q is no port", listen, port)
		}
		o.Host = host
	}
	if o.Port == 0 {
		o.Port = server.RANDOM_PORT
	}
	o.StoreDir, o.NoSigs, o.NoLog = store, true, true
	// The server would end the process if its port were taken.
	free, err := net.Listen("tcp", net.JoinHostPort(o.Host, strconv.Itoa(max(0, o.Port))))
	if err != nil {
		return nil, err
	}
	free.Close()
	e := &embedded{options: o}
	if e.server, err = server.NewServer(o); err != nil {
		return nil, err
	}
	e.server.Start()
	if !e.server.ReadyForConnections(serverTimeout) {
		e.close()
		return nil, errors.New("the embedded server of NATS does not start")
	}
	return e, nil
}

// url is by which others reach it: where it listens, or this machine's first address, if the certificate
// has that, or else what that has.
func (e *embedded) url() string {
	certificate := e.options.TLSConfig.Certificates[0].Leaf
	hosts := append([]string{e.options.Host, DefaultAddress()}, certificate.DNSNames...)
	for _, ip := range certificate.IPAddresses {
		hosts = append(hosts, ip.String())
	}
	has := slices.IndexFunc(hosts, func(host string) bool { return certificate.VerifyHostname(host) == nil })
	return "tls://" + net.JoinHostPort(hosts[max(0, has)], strconv.Itoa(e.server.Addr().(*net.TCPAddr).Port))
}

func (e *embedded) close() {
	e.server.Shutdown()
	e.server.WaitForShutdown()
}
