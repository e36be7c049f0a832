package hosts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// frame is a step in one direction of a process: one of its fields beside the numbers.
type frame struct {
	Process  int             `json:"process"`
	Sequence uint64          `json:"sequence"` // from 1, in each direction
	Line     json.RawMessage `json:"line,omitempty"`
	Object   *object         `json:"object,omitempty"` // a line over [inlineLine]
	Stop     *stop           `json:"stop,omitempty"`   // the last one to a process
	End      *end            `json:"end,omitempty"`    // the last one from it
}

type stop struct {
	Grace time.Duration `json:"grace_ns"`
}

// end is how a process ended.
type end struct {
	Heard  string `json:"heard"`            // what its Hear returned
	Stop   string `json:"stop,omitempty"`   // the error of its Stop
	Killed bool   `json:"killed,omitempty"` // whether that was [process.ErrKilled]
	Lost   string `json:"lost,omitempty"`   // why what it said, or was told, is not whole
}

// outbound numbers what is sent in one direction of a process, and sends lines that are too
// long for a message through the store. Sending is safe for concurrent use.
type outbound struct {
	ctx     context.Context // for as long as the store may be used
	process int
	bucket  string
	prefix  string // of the names of objects
	objects *objects
	publish func(frame) error

	mu   sync.Mutex
	next uint64        // the number of frames, sent or not
	sent atomic.Uint64 // frames that are on their way
}

// line sends v as a line of JSON.
func (o *outbound) line(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(line) <= inlineLine {
		return o.send(frame{Line: line})
	}
	ctx, cancel := context.WithTimeout(o.ctx, objectTimeout)
	defer cancel()
	stored, err := o.objects.put(ctx, o.bucket, fmt.Sprintf("%s.%d", o.prefix, o.next+1), bytes.NewReader(line))
	if err != nil {
		return fmt.Errorf("a line of %d bytes: %w", len(line), err)
	}
	return o.send(frame{Object: stored})
}

// last sends a frame that is no line.
func (o *outbound) last(f frame) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.send(f)
}

func (o *outbound) send(f frame) error {
	o.next++
	f.Process, f.Sequence = o.process, o.next
	if err := o.publish(f); err != nil {
		return err
	}
	o.sent.Store(o.next)
	return nil
}

// What may wait to be heard: whoever does not listen cannot make its sender wait, as one
// behind a pipe does.
const (
	mostWaiting      = 1 << 16
	mostWaitingBytes = 64 << 20
)

// inbound puts together what arrives in one direction of a process, for whoever takes it.
type inbound struct {
	mu      sync.Mutex
	arrived sync.Cond
	came    uint64 // frames, the taken ones too
	waiting []frame
	bytes   int
	over    error // why there is nothing behind what waits
}

func newInbound() *inbound {
	in := &inbound{}
	in.arrived.L = &in.mu
	return in
}

// put takes up the next frame. The error says what is not whole.
func (in *inbound) put(f frame) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case in.over != nil:
		return nil // too late for it
	case f.Sequence != in.came+1:
		return fmt.Errorf("line %d came behind line %d", f.Sequence, in.came)
	case len(in.waiting) == mostWaiting || in.bytes+len(f.Line) > mostWaitingBytes:
		return fmt.Errorf("%d lines, %d bytes, wait and nobody reads them", len(in.waiting), in.bytes)
	}
	in.came++
	if f.Stop != nil || f.End != nil {
		return nil // which does not wait in line
	}
	in.bytes += len(f.Line)
	in.waiting = append(in.waiting, f)
	in.arrived.Signal()
	return nil
}

// whole reports what is missing of the frames that the other side has sent.
func (in *inbound) whole(said uint64) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.over == nil && in.came < said {
		return fmt.Errorf("%d lines were sent and %d came", said, in.came)
	}
	return nil
}

// end says why nothing more comes; the first reason stays.
func (in *inbound) end(why error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.over == nil {
		in.over = why
		in.arrived.Broadcast()
	}
}

// take waits for the next frame. What waits comes before the reason why there is no more.
func (in *inbound) take() (frame, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for len(in.waiting) == 0 {
		if in.over != nil {
			return frame{}, in.over
		}
		in.arrived.Wait()
	}
	f := in.waiting[0]
	in.waiting = in.waiting[1:]
	in.bytes -= len(f.Line)
	return f, nil
}

// line is that of a frame, which may be in the store.
func (f *frame) line(ctx context.Context, objects *objects, bucket string) (json.RawMessage, error) {
	if f.Line != nil {
		return f.Line, nil
	}
	if f.Object == nil {
		return nil, errors.New("a frame without a line")
	}
	ctx, cancel := context.WithTimeout(ctx, objectTimeout)
	defer cancel()
	line, err := objects.getBytes(ctx, bucket, *f.Object)
	if err != nil {
		return nil, fmt.Errorf("a line of %d bytes: %w", f.Object.Size, err)
	}
	return line, nil
}
