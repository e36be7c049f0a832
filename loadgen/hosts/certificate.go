package hosts

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"time"
)

// How long certificates hold, and for how much the clocks of hosts may differ.
const (
	certificateLife = 5 * 365 * 24 * time.Hour
	clockSlack      = time.Hour
)

// serverFiles are the certificate of a server and its key.
type serverFiles struct{ certificate, key string }

// makeCertificate makes the certificate of a server that is reached by those addresses, names or
// numbers, and writes it with its key. It is its own authority: nothing else is ever signed by it.
func makeCertificate(addresses []string, to serverFiles) (certificate []byte, err error) {
	now := time.Now()
	server := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "connbench server"},
		NotBefore:    now.Add(-clockSlack),
		NotAfter:     now.Add(certificateLife),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, address := range addresses {
		if ip := net.ParseIP(address); ip != nil {
			server.IPAddresses = append(server.IPAddresses, ip)
		} else {
			server.DNSNames = append(server.DNSNames, address)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if certificate, err = x509.CreateCertificate(rand.Reader, server, server, &key.PublicKey, key); err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	if err := writeBlocks(to.key, &pem.Block{Type: "PRIVATE KEY", Bytes: secret}); err != nil {
		return nil, err
	}
	return certificate, writeBlocks(to.certificate, &pem.Block{Type: certificateBlock, Bytes: certificate})
}

// ownAddresses are what this machine can be reached by: its name, the addresses of its interfaces,
// and the one where the server listens.
func ownAddresses(listen string) []string {
	all := []string{"localhost", "127.0.0.1", "::1"}
	if name, err := os.Hostname(); err == nil {
		all = append(all, name)
	}
	for _, i := range interfaces() {
		all = append(all, i.Addresses...)
	}
	if host, _, err := net.SplitHostPort(listen); err == nil && host != "" {
		all = append(all, host)
	}
	return all
}
