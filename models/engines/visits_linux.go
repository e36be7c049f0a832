package engines

import (
	"context"
	"crypto/tls"
	"net"

	"connbench/models"
	"connbench/models/serving"
)

// visits is the server around a library that takes a listener and serves each connection in a
// goroutine: it is that listener, and its connections are visitors.
type visits struct {
	*base
	net.Listener
	open   group[*visitor]
	secure *tls.Config // nil without TLS

	room    int                     // see visitor
	refusal func(said []byte) error // see visitor
	wrap    func(*visitor) net.Conn // what the library gets of one
	parked  signal                  // accepting has ended, and nothing is in hand
	drained signal                  // and there are no visitors any more
}

// newVisits listens.
func newVisits(cfg models.Config, room int) (*visits, error) {
	v := &visits{base: newBase(cfg), open: newGroup[*visitor](), room: room, parked: newSignal(), drained: newSignal()}
	v.wrap = func(v *visitor) net.Conn { return v }
	var err error
	if cfg.TLS {
		if v.secure, err = serving.NewTLSConfig(cfg.Framing); err != nil {
			return nil, err
		}
	}
	v.Listener, err = v.listen()
	return v, err
}

// Accept is called by the library. During Shutdown it returns when all is over: a library may end
// its connections when accepting does.
func (v *visits) Accept() (net.Conn, error) {
	c, err := v.acceptFrom(v.Listener)
	if err != nil {
		v.parked.give()
		if v.Stopping() {
			<-v.drained.C
		}
		return nil, err
	}
	visitor := &visitor{Conn: c, engine: v.base, room: v.room, refusal: v.refusal}
	if v.secure != nil {
		visitor.secure = tls.Server(c, v.secure)
		visitor.Conn = visitor.secure
	}
	v.open.add(visitor) // before it counts: see netpollServer.prepare
	v.Accepted.Add(1)
	return v.wrap(visitor), nil
}

// left is for when the library has closed a connection.
func (v *visits) left(visitor *visitor) {
	why := visitor.ending()
	if why == nil {
		why = net.ErrClosed
	}
	v.Ended(why, visitor.partial)
	v.open.remove(visitor)
}

// serve is Serve: run has the library accept until the listener is closed.
func (v *visits) serve(run func(net.Listener) error) error {
	if !v.Begin() {
		return nil
	}
	defer v.End()
	ended := make(chan error, 1)
	go func() {
		err := run(v)
		v.parked.give()
		ended <- err
	}()
	select {
	case <-v.Stop:
		v.Listener.Close()
		<-v.parked.C
		v.open.drain(v.base, (*visitor).wake, (*visitor).cut)
		v.drained.give()
		<-ended
		return nil
	case err := <-ended:
		v.Listener.Close()
		v.open.end((*visitor).cut)
		return err
	}
}

// Shutdown is that of a [models.Server].
func (v *visits) Shutdown(ctx context.Context) error {
	return v.finish(ctx, func() { v.Listener.Close() })
}
