package hosts

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/nats-io/nkeys"
)

// Role is what a key is for.
type Role string

const (
	RoleAgent      Role = "agent"
	RoleController Role = "controller"
)

// Key lets its owner into a server of NATS, and tells the server from others: the seed of
// an nkey, and the certificate of the server, or of the authority that it is of. It lives in a
// file that its owner alone can read.
type Key struct {
	Role Role
	Name string // of the one agent that it is for; empty if it is for any

	pair  nkeys.KeyPair
	roots *x509.CertPool // nil for those of the system
	path  string
}

// The blocks of a key file.
const (
	seedBlock        = "CONNBENCH NKEY SEED"
	certificateBlock = "CERTIFICATE"
)

const largestKey = 64 << 10 // bytes

// ReadKey reads a key file. One that others than its owner can read or write is refused.
func ReadKey(path string) (*Key, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file", path)
	}
	if err := checkClosed(path, info); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, largestKey+1))
	if err != nil {
		return nil, err
	}
	k, err := parseKey(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	k.path = path
	return k, nil
}

// checkClosed reports whether others than its owner can read or write a file.
func checkClosed(path string, info os.FileInfo) error {
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("%s is open to others (mode %04o): chmod 600 %s", path, mode, path)
	}
	return nil
}

// parseKey reads what write writes. Errors quote nothing of it.
func parseKey(text []byte) (*Key, error) {
	if len(text) > largestKey {
		return nil, errors.New("too long for a key of connbench")
	}
	k := &Key{}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		switch {
		case block.Type == seedBlock && k.pair == nil:
			pair, err := nkeys.FromSeed(bytes.TrimSpace(block.Bytes))
			if err != nil {
				return nil, errors.New("the key is damaged: copy it anew")
			}
			k.pair, k.Role, k.Name = pair, Role(block.Headers["Role"]), block.Headers["Name"]
		case block.Type == certificateBlock:
			certificate, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, errors.New("its certificate is damaged: copy it anew")
			}
			if k.roots == nil {
				k.roots = x509.NewCertPool()
			}
			k.roots.AddCert(certificate)
		default:
			return nil, errors.New("no key of connbench")
		}
	}
	if k.pair == nil {
		return nil, errors.New("no key of connbench, or a damaged one")
	}
	if k.Role != RoleAgent && k.Role != RoleController {
		return nil, errors.New("a key neither of an agent nor of a controller")
	}
	if k.Name != "" {
		return k, CheckName(k.Name)
	}
	return k, nil
}

// write writes a key to a file that is not there yet, with the server's certificate.
func (k *Key) write(path string, certificate []byte) error {
	seed, err := k.pair.Seed()
	if err != nil {
		return err
	}
	headers := map[string]string{"Role": string(k.Role)}
	if k.Name != "" {
		headers["Name"] = k.Name
	}
	return writeBlocks(path,
		&pem.Block{Type: seedBlock, Headers: headers, Bytes: seed},
		&pem.Block{Type: certificateBlock, Bytes: certificate})
}

// writeBlocks writes a file that only its owner can read and that was not there.
func writeBlocks(path string, blocks ...*pem.Block) error {
	var b bytes.Buffer
	for _, block := range blocks {
		if err := pem.Encode(&b, block); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
	}
	return writeNew(path, b.Bytes())
}

func writeNew(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
