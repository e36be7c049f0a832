package loadgen

import (
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"

	"connbench/results"
)

// Histogram is a distribution of latencies in nanoseconds that travels in the V2
// compressed form of HdrHistogram.
type Histogram struct{ *hdrhistogram.Histogram }

// MarshalText encodes h.
func (h Histogram) MarshalText() ([]byte, error) {
	return h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
}

// UnmarshalText decodes what MarshalText wrote.
func (h *Histogram) UnmarshalText(b []byte) error {
	decoded, err := hdrhistogram.Decode(b)
	if err != nil {
		return fmt.Errorf("histogram: %w", err)
	}
	h.Histogram = results.NewHistogram()
	return h.add(decoded)
}

func (h Histogram) add(o *hdrhistogram.Histogram) error {
	if dropped := h.Merge(o); dropped > 0 {
		return fmt.Errorf("histogram: %d latencies beyond %v", dropped, results.MaxLatency)
	}
	return nil
}
