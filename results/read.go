package results

import (
	"fmt"
	"io"
	"os"
)

// The longest files of a run's folder that are read, and the longest line of its trials:
// some hundred times what they come to.
const (
	maxRunBytes  = 64 << 20
	maxLogBytes  = 64 << 20
	maxLineBytes = 16 << 20
)

// openRegular opens a file to read it, which must be one of bytes at rest: a device may
// never end, a pipe may never begin, and a link leads elsewhere.
func openRegular(path string) (*os.File, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", path)
	}
	return os.Open(path)
}

// readRegular reads such a file of up to so many bytes.
func readRegular(path string, limit int64) ([]byte, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s is longer than %s", path, Bytes(limit))
	}
	return b, err
}
