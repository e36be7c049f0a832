package blocking

import (
	"bytes"
	"slices"
	"testing"
)

// record is a TLS record with n bytes of content.
func record(n int) []byte {
	return append([]byte{23, 3, 3, byte(n >> 8), byte(n)}, bytes.Repeat([]byte{0xff}, n)...)
}

func TestFollowFindsWhereRecordsEnd(t *testing.T) {
	stream := slices.Concat(record(3), record(0), record(300), record(1))
	ends := map[int]bool{0: true}
	for at, n := 0, 0; at < len(stream); ends[at] = true {
		n = int(stream[at+3])<<8 | int(stream[at+4])
		at += recordHeader + n
	}
	for size := 1; size <= len(stream); size++ {
		var c recordConn
		at := 0
		for part := range slices.Chunk(stream, size) {
			c.follow(part)
			if at += len(part); c.inside() == ends[at] {
				t.Fatalf("in parts of %d: inside a record is %v after %d bytes", size, c.inside(), at)
			}
		}
		if !c.seen {
			t.Error("nothing was seen")
		}
	}
}
