package wire

// raw is no protocol: bytes go back as they come, so that any echo client works. What one
// read brings is a request.
type raw struct{}

func (raw) Next(b []byte, _ *Progress) (int, error) { return len(b), nil }

func (raw) Reply(dst, request []byte, _ *Budget) ([]byte, error) { return append(dst, request...), nil }

func (raw) Notice(dst []byte, _ error) []byte { return dst }
