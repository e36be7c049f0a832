//go:build selfcheck

package stats

func init() { simulations = 50 }
