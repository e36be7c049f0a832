//go:build !linux

package process

func enlist(start func() (pid int, err error)) error {
	_, err := start()
	return err
}

func adopt() []int { return nil }

// Strays names the processes that a foreign one has started and that have left it; they
// are not known here.
func (p *Process) Strays() []string { return nil }

func (p *Process) dismiss() error { return nil }

func newMark() string { return "" }
