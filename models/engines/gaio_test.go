package engines

import "testing"

func TestGaio(t *testing.T) { conforms(t, Gaio) }
