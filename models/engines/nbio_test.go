package engines

import "testing"

func TestNbio(t *testing.T) { conforms(t, Nbio) }
