package hosts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// refusedWith waits for the end of an agent that is refused.
func refusedWith(t *testing.T, m *member, want string) {
	t.Helper()
	select {
	case err := <-m.ended:
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("it ended with %v, not %q", err, want)
		}
	case <-time.After(patience):
		t.Errorf("it is not refused: %s", &m.log)
	}
}

// mixed is a key file with the seed of one key and the authority of another.
func mixed(t *testing.T, seed, authority string) string {
	t.Helper()
	parts := make([]string, 2)
	for i, path := range []string{seed, authority} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		at := strings.Index(string(text), "-----BEGIN CERTIFICATE")
		parts[i] = []string{string(text[:at]), string(text[at:])}[i]
	}
	path := filepath.Join(t.TempDir(), "mixed.key")
	if err := os.WriteFile(path, []byte(parts[0]+parts[1]), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAgentRefused(t *testing.T) {
	c := open(t)
	others := makeKeys(t)
	own, other := c.keys.keyOf(""), others.keyOf("")
	t.Run("another session's key", func(t *testing.T) {
		refusedWith(t, joinAt(t, c.url(), readKey(t, mixed(t, other, own)), "a"), "refuses the key")
	})
	t.Run("another authority", func(t *testing.T) {
		refusedWith(t, joinAt(t, c.url(), readKey(t, mixed(t, own, other)), "a"), "its certificate is of another authority")
	})
	t.Run("an address that the certificate has not", func(t *testing.T) {
		elsewhere := Keys{Dir: filepath.Join(t.TempDir(), "keys"), Addresses: []string{"192.0.2.1"}}
		if _, err := MakeKeys(elsewhere); err != nil {
			t.Fatal(err)
		}
		c := open(t, func(o *Options) { o.Keys = elsewhere.Dir })
		_, port, _ := strings.Cut(c.url(), "192.0.2.1:") // which is what others are told
		refusedWith(t, joinAt(t, "tls://127.0.0.1:"+port, readKey(t, c.keys.keyOf("")), "a"), "does not have that address")
	})
	t.Run("a controller's key", func(t *testing.T) {
		refusedWith(t, joinAt(t, c.url(), readKey(t, filepath.Join(c.keys.Dir, controllerKeyFile)), "a"), "is the key of a controller, not of an agent")
	})
	t.Run("a URL that is none", func(t *testing.T) {
		refusedWith(t, joinAt(t, "http://127.0.0.1", readKey(t, own), "a"), `join: "http://127.0.0.1" is not allowed (tls://HOST:PORT`)
	})
	t.Run("a name that is taken", func(t *testing.T) {
		join(t, c, "a")
		claimAll(t, c, "a")
		refusedWith(t, join(t, c, "a"), "an agent called a runs already as ")
	})
}

func TestAgentOfAnotherName(t *testing.T) {
	c := open(t, func(o *Options) { o.Agents = []string{"a", "b"} })
	refusedWith(t, joinAt(t, c.url(), readKey(t, c.keys.keyOf("a")), "b"), "is the key of agent a, not of b")
}

func TestControllerRefused(t *testing.T) {
	c := open(t)
	own, other := filepath.Join(c.keys.Dir, controllerKeyFile), filepath.Join(makeKeys(t).Dir, controllerKeyFile)
	for _, row := range []struct {
		name, url, key, want string
	}{
		{"another session's key", c.url(), mixed(t, other, own), "refuses the key"},
		{"another authority", c.url(), mixed(t, own, other), "its certificate is of another authority"},
		{"an agent's key", c.url(), c.keys.keyOf(""), "is the key of an agent, not of a controller"},
		{"no key", c.url(), filepath.Join(t.TempDir(), "none"), "no such file"},
		{"a URL with a password", "tls://a:b@127.0.0.1", own, "is not allowed (tls://HOST:PORT"},
	} {
		got, err := Open(t.Context(), Options{NATS: row.url, Keys: row.key})
		if err == nil {
			got.Close()
		}
		if err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

// visit connects with a key as somebody who speaks NATS would, and returns what the server
// has against what follows.
func visit(t *testing.T, url string, k *Key, inbox string) (*nats.Conn, chan error) {
	t.Helper()
	options, err := k.options("visitor", inbox)
	if err != nil {
		t.Fatal(err)
	}
	against := make(chan error, 100)
	conn, err := nats.Connect(url, append(options, k.secure(), nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { against <- err }))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn, against
}

// What a key may not do the server does not do.
func testPermissions(t *testing.T, url string, key *Key) {
	publish := func(subject string) func(*nats.Conn) error {
		return func(c *nats.Conn) error { return c.Publish(subject, []byte("{}")) }
	}
	subscribe := func(subject string) func(*nats.Conn) error {
		return func(c *nats.Conn) error { _, err := c.SubscribeSync(subject); return err }
	}
	for _, row := range []struct {
		name   string
		shared bool // whether the key for all is refused it too
		does   func(*nats.Conn) error
		may    bool
	}{
		{"claims another", true, publish(toAgent("b", askClaim)), false},
		{"claims itself", true, publish(toAgent("a", askClaim)), false},
		{"asks who is there", true, publish(discovery), false},
		{"tells another", true, publish(toAgent("b", tellFrame)), false},
		{"hears what another says", true, subscribe(fromAgent("b", "*")), false},
		{"hears what all say", true, subscribe("connbench.host.>"), false},
		{"hears everything", true, subscribe(">"), false},
		{"hears what another is told", false, subscribe(toAgent("b", "*")), false},
		{"hears what all are told", false, subscribe(toAgent("*", "*")), false},
		{"hears another's answers", false, subscribe(agentsInbox("b") + ".>"), false},
		{"hears controllers' answers", true, subscribe(controllersInbox + ".>"), false},
		{"speaks as another", false, publish(fromAgent("b", "x")), false},
		{"stores for another", false, publish("$O." + bucketOf("b") + ".C.x"), false},
		{"reads another's lines", false, publish("$JS.API.STREAM.MSG.GET.OBJ_" + bucketOf("b")), false},
		{"removes streams", true, publish("$JS.API.STREAM.DELETE.OBJ_" + bucketOf("b")), false},
		{"is told", true, subscribe(toAgent("a", "*")), true},
		{"speaks", true, publish(fromAgent("a", "x")), true},
	} {
		if key.Name == "" && !row.shared {
			continue
		}
		t.Run(row.name, func(t *testing.T) {
			c, against := visit(t, url, key, agentsInbox("a"))
			if err := row.does(c); err != nil {
				t.Fatal(err)
			}
			if err := c.FlushTimeout(patience); err != nil {
				t.Fatal(err)
			}
			select {
			case err := <-against:
				if row.may || !strings.Contains(strings.ToLower(err.Error()), "permissions violation") {
					t.Error(err)
				}
			case <-time.After(map[bool]time.Duration{true: 0, false: patience}[row.may]):
				if !row.may {
					t.Error("it may")
				}
			}
		})
	}
}

func TestPermissions(t *testing.T) {
	t.Run("a key for all", func(t *testing.T) {
		c := open(t)
		testPermissions(t, c.url(), readKey(t, c.keys.keyOf("a")))
	})
	t.Run("a key each", func(t *testing.T) {
		c := open(t, func(o *Options) { o.Agents = []string{"a", "b"} })
		testPermissions(t, c.url(), readKey(t, c.keys.keyOf("a")))
	})
}
