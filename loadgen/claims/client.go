package claims

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"time"

	"connbench/models/wire"
)

const patience = 5 * time.Second

type clients []net.Conn

func (c clients) close() {
	for _, conn := range c {
		conn.Close()
	}
}

// answered connects n clients, each of which has got an answer of so many bytes. They are
// none where there is an error.
func answered(network, address string, n, payload int) (clients, error) {
	var all clients
	for range n {
		conn, err := dial(network, address)
		if err == nil {
			all = append(all, conn)
			err = ask(conn, payload)
		}
		if err != nil {
			all.close()
			return nil, fmt.Errorf("client %d of %d: %w", len(all), n, err)
		}
	}
	return all, nil
}

func dial(network, address string) (net.Conn, error) {
	return net.DialTimeout(network, address, patience)
}

func ask(conn net.Conn, payload int) error { return askWithin(conn, payload, patience) }

func askWithin(conn net.Conn, payload int, limit time.Duration) error {
	conn.SetDeadline(time.Now().Add(limit))
	defer conn.SetDeadline(time.Time{})
	sent := bytes.Repeat([]byte{'x'}, payload)
	if _, err := conn.Write(wire.AppendFrame(nil, sent)); err != nil {
		return err
	}
	got, err := wire.ReadFrame(conn, payload)
	if err == nil && !bytes.Equal(got, sent) {
		err = errors.New("the answer is not what was sent")
	}
	return err
}
