package hosts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// object is what was put into the store, as its sender tells its reader.
type object struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	Digest string `json:"digest"` // of its bytes, as [jetstream.ObjectInfo] has it: SHA-256
}

// objectLife is how long an object stays that nobody reads.
const objectLife = time.Hour

// objects is JetStream's object store, as one connection sees it.
type objects struct {
	jet  jetstream.JetStream
	used sync.Map // names of buckets
}

// bucket is the one of that name, made if there is none, as after the server was started anew; it is
// in the server's memory.
func (o *objects) bucket(ctx context.Context, name string) (jetstream.ObjectStore, error) {
	o.used.Store(name, true)
	b, err := o.jet.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: name, Storage: jetstream.MemoryStorage, TTL: objectLife})
	if err != nil {
		return nil, fmt.Errorf("the server's object store: %w", err)
	}
	return b, nil
}

// remove removes a bucket, if it was used.
func (o *objects) remove(ctx context.Context, name string) {
	if _, used := o.used.LoadAndDelete(name); used {
		o.jet.DeleteObjectStore(ctx, name) // or it goes with the server, empty as it is by then
	}
}

// put stores what can be read from r.
func (o *objects) put(ctx context.Context, bucket, name string, r io.Reader) (*object, error) {
	b, err := o.bucket(ctx, bucket)
	if err != nil {
		return nil, err
	}
	info, err := b.Put(ctx, jetstream.ObjectMeta{Name: name}, r)
	if err != nil {
		return nil, fmt.Errorf("put into the server's object store: %w", err)
	}
	return &object{name, int64(info.Size), info.Digest}, nil
}

// get writes an object to w and removes it from the store. What has another length or
// digest than its sender has told is an error.
func (o *objects) get(ctx context.Context, bucket string, obj object, w io.Writer) error {
	b, err := o.bucket(ctx, bucket)
	if err != nil {
		return err
	}
	from, err := b.Get(ctx, obj.Name)
	if err != nil {
		return fmt.Errorf("the server's object store: %w", err)
	}
	defer from.Close()
	info, err := from.Info()
	if err != nil {
		return fmt.Errorf("the server's object store: %w", err)
	}
	if info.Digest != obj.Digest { // with which it compares what is read, up to the end
		return errors.New("other bytes than were sent: the digest differs")
	}
	n, err := io.Copy(w, io.LimitReader(from, obj.Size+1))
	if err != nil {
		return err
	}
	if n != obj.Size {
		return fmt.Errorf("%d bytes came of %d", n, obj.Size)
	}
	b.Delete(ctx, obj.Name) // or it goes when its time is over
	return nil
}

// getBytes is get of a line.
func (o *objects) getBytes(ctx context.Context, bucket string, obj object) ([]byte, error) {
	if obj.Size < 0 || obj.Size > largestLine {
		return nil, fmt.Errorf("over %d bytes", largestLine)
	}
	var b bytes.Buffer
	if err := o.get(ctx, bucket, obj, &b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
