package modeltest

import (
	"crypto/tls"
	"net"
)

// needsPlain are the cases that mean nothing over TLS, each with the reason.
var needsPlain = map[string]string{
	"OthersWaitTheirTurn":   "who is not served yet cannot send a request: the handshake comes first",
	"OutOfDescriptors":      "who is not served yet cannot send a request: the handshake comes first",
	"GoneWithRepliesUnread": "what a TLS client has not read, it has taken from the kernel",
}

// plainOnly is the reason not to run a case, if the target serves TLS; else "".
func (g *target) plainOnly(name string) string {
	if !g.tweaked().TLS {
		return ""
	}
	return needsPlain[name]
}

// secure is c with TLS on it, where the server speaks that. It shakes hands when it is
// first read or written, since a server may be busy with others. The certificate is of
// the server's own making, so that there is nobody to ask about it. What is written
// together goes out together, as it does without TLS. The curve is the one that is made
// in assembly, which the race detector does not slow down.
func (s *server) secure(c net.Conn) net.Conn {
	if !s.cfg.TLS {
		return c
	}
	return tls.Client(c, &tls.Config{
		InsecureSkipVerify: true, DynamicRecordSizingDisabled: true, CurvePreferences: []tls.CurveID{tls.CurveP256},
	})
}

// socket is the connection itself, under TLS if there is any.
func (c *client) socket() net.Conn {
	if t, ok := c.Conn.(*tls.Conn); ok {
		return t.NetConn()
	}
	return c.Conn
}

// endTLS ends the client's half. Where the server has left before that, the socket
// takes no more; without TLS nothing would have to be sent.
func endTLS(t *tls.Conn) error {
	if err := t.Handshake(); err != nil {
		return err
	}
	if err := t.CloseWrite(); !closed(err) {
		return err
	}
	return nil
}
