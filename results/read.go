package results

import (
	"fmt"
	"io"
	"os"
)

// The longest files of a run's folder that are read, and the longest line of its trials:
// some hundred times what they come to.
const (
	MaxRunBytes  = 64 << 20
	MaxLogBytes  = 64 << 20
	maxLineBytes = 16 << 20

	maxTrialsBytes = 1 << 40
)

// openRegular opens a file of up to so many bytes to read it, which must be one of bytes
// at rest: a device may never end, a pipe may never begin, and a link leads elsewhere.
func OpenRegular(path string, limit int64) (*os.File, error) {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file", path)
	case info.Size() > limit:
		return nil, fmt.Errorf("%s has %s, where %s are the most", path, Bytes(info.Size()), Bytes(limit))
	}
	return os.Open(path)
}

// readRegular reads such a file of up to so many bytes.
func ReadRegular(path string, limit int64) ([]byte, error) {
	f, err := OpenRegular(path, limit)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit))
}
