package loadgen

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// certificate is one that nobody has signed but itself.
func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// tlsEcho is an echo server over TLS that keeps each connection for so many bytes,
// 0 for all.
func tlsEcho(t *testing.T, network, address string, version uint16, most int64) string {
	config := &tls.Config{Certificates: []tls.Certificate{certificate(t)}, MaxVersion: version}
	return serve(t, network, address, func(c net.Conn) {
		s := tls.Server(c, config)
		defer s.Close()
		if most > 0 {
			io.CopyN(s, s, most)
			return
		}
		io.Copy(s, s)
	})
}

func TestTLS(t *testing.T) {
	v13 := tlsEcho(t, "tcp", "127.0.0.1:0", tls.VersionTLS13, 0)
	v12 := tlsEcho(t, "tcp", "127.0.0.1:0", tls.VersionTLS12, 0)
	unix := tlsEcho(t, "unix", filepath.Join(t.TempDir(), "s"), tls.VersionTLS13, 0)
	for _, tt := range []struct {
		name             string
		network, address string
		load             func(s *Spec)
	}{
		{"closed", "tcp", v13, func(s *Spec) {}},
		{"many clients", "tcp", v13, func(s *Spec) { s.Clients = 100 }},
		{"TLS 1.2", "tcp", v12, func(s *Spec) {}},
		{"unix", "unix", unix, func(s *Spec) {}},
		{"one byte", "tcp", v13, func(s *Spec) { s.PayloadBytes = 1 }},
		{"large", "tcp", v13, func(s *Spec) { s.PayloadBytes = 1 << 20 }},
		{"large, pipelined", "tcp", v13, func(s *Spec) { s.PayloadBytes, s.Pipeline = 300_000, 4 }},
		{"pipelined", "tcp", v13, func(s *Spec) { s.Pipeline = 16 }},
		{"open", "tcp", v13, func(s *Spec) { s.Rate = 500 }},
		{"churn", "tcp", v13, func(s *Spec) { s.RequestsPerConn = 2 }},
		{"slow", "tcp", v13, func(s *Spec) { s.Slow = 0.5 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := quick(tt.network, tt.address)
			s.TLS, s.Clients, s.Warmup = true, 3, 0 // so that the first requests count
			tt.load(&s)
			r := mustAnswer(t, s)
			if r.Requests == 0 || len(r.Errors) > 0 || r.Unanswered > 0 {
				t.Errorf("%d requests, %d unanswered, errors %v", r.Requests, r.Unanswered, r.Errors)
			}
		})
	}
}

func TestTLSFailures(t *testing.T) {
	plain := echo(t, "tcp", "127.0.0.1:0")
	silent := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) { io.Copy(io.Discard, c) })
	closing := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) { c.Read(make([]byte, 1)) })
	for name, address := range map[string]string{"no TLS": plain, "silent": silent, "closing": closing} {
		t.Run(name, func(t *testing.T) {
			s := quick("tcp", address)
			s.TLS, s.ConnectTimeout = true, 50*time.Millisecond
			s.Clients = 4 * connectsAtOnce // some wait for the others to fail, which are not to try again meanwhile
			if r, err := Run(t.Context(), s, Stages{}); err == nil {
				t.Errorf("connected: %v", r.Errors)
			}
		})
	}
	s := quick("tcp", tlsEcho(t, "tcp", "127.0.0.1:0", tls.VersionTLS13, 100))
	s.TLS, s.Warmup, s.Duration = true, 0, time.Second // for two answers on a busy machine too
	r := mustRun(t, s)
	if r.Requests == 0 || r.Errors["short"] == 0 || len(r.Errors) != 1 {
		t.Errorf("a server that ends in mid-answer: %d requests, errors %v", r.Requests, r.Errors)
	}
}
