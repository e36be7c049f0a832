package hosts

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// How a connection is kept: a cut one is noticed after two pings, and made anew for ever.
const (
	dialTimeout     = 5 * time.Second
	pingInterval    = 10 * time.Second
	reconnectPause  = time.Second
	reconnectJitter = time.Second // by chance up to so much longer, so that many hosts do not come at once
)

// CheckURL reports whether a server could be reached by it: tls://HOST or tls://HOST:PORT,
// several with commas between them.
func CheckURL(text string) error {
	for _, one := range strings.Split(text, ",") {
		u, err := url.Parse(strings.TrimSpace(one))
		if err != nil || u.Scheme != "tls" && u.Scheme != "nats" || u.Hostname() == "" || u.User != nil || u.Path != "" || u.RawQuery != "" {
			return errors.New("tls://HOST:PORT of a server of NATS, several with commas between them")
		}
	}
	return nil
}

// secure is for a connection that leaves this process.
func (k *Key) secure() nats.Option {
	return nats.Secure(&tls.Config{RootCAs: k.roots, MinVersion: tls.VersionTLS13})
}

// options are those of a connection with this key, which is made anew when it is lost.
func (k *Key) options(name, inbox string) ([]nats.Option, error) {
	public, err := k.pair.PublicKey()
	if err != nil {
		return nil, err
	}
	return []nats.Option{
		nats.Name(name),
		nats.Nkey(public, k.pair.Sign),
		nats.CustomInboxPrefix(inbox),
		nats.Timeout(dialTimeout),
		nats.PingInterval(pingInterval),
		nats.MaxPingsOutstanding(2),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectPause),
		nats.ReconnectJitter(reconnectJitter, reconnectJitter),
		nats.IgnoreAuthErrorAbort(),
	}, nil
}

// refusal says what a server, or this side of it, has against a connection that will not be
// otherwise the next time; nil where it may be.
func (k *Key) refusal(url string, err error) error {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.Is(err, nats.ErrAuthorization):
		return fmt.Errorf("%s refuses the key %s: it is of another server, or of another session", url, k.path)
	case errors.As(err, &authority):
		return fmt.Errorf("%s is not the server that the key %s is for: its certificate is of another authority", url, k.path)
	case errors.As(err, &name):
		return fmt.Errorf("%s: the server's certificate does not have that address: make keys with --address, or join by one of those it has (%w)", url, name)
	case errors.As(err, &invalid):
		return fmt.Errorf("%s: the server's certificate: %w", url, invalid)
	case errors.Is(err, nats.ErrSecureConnWanted):
		return fmt.Errorf("%s does not speak TLS", url)
	}
	return nil
}
