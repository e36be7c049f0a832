package results

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// GoOnIn says where the trials are made that are appended from now on. If that is not
// where those of the run were, the error names what differs, unless apart asks to mark
// them: run.json then keeps that environment too, and [Run.Parts] tells them apart.
func (s *Store) GoOnIn(env Environment, apart bool) error {
	known := append([]Environment{s.Run.Environment}, s.Run.Elsewhere...)
	same := func(e Environment) bool { return len(differ(&e, &env)) == 0 }
	if s.where = slices.IndexFunc(known, same); s.where >= 0 {
		return nil
	}
	if !apart {
		return fmt.Errorf("%s was begun elsewhere: %s", s.Dir, JoinDifferences(differ(&s.Run.Environment, &env)))
	}
	run := s.Run
	run.Elsewhere = append(slices.Clip(run.Elsewhere), env)
	if err := writeJSON(s.disk, filepath.Join(s.Dir, runFile), run, false); err != nil {
		return err
	}
	s.Run, s.where = run, len(known)
	return nil
}

// Where is [Trial.Environment] of the trials that are appended.
func (s *Store) Where() int { return s.where }

// differ is in what two environments differ, as they are stored. Of other hosts nothing more is said.
func differ(a, b *Environment) []Difference {
	same := a.Roles() == b.Roles()
	return between("", a.fields(same), b.fields(same))
}

// JoinDifferences is differences in one line.
func JoinDifferences(all []Difference) string {
	return strings.Join(Map(all, Difference.String), "; ")
}

// Part is the trials of a run that were made in one environment.
type Part struct {
	Run    Run // with that Environment
	Trials []Trial
	// Where says in what the environment differs from that in which the run was begun;
	// empty of the first part.
	Where string
}

// Parts tells a run's trials apart by where they were made: no figure is of two
// environments. The first part is of the run's own; those without a trial are left out,
// unless there is no other.
func (r *Run) Parts(trials []Trial) []Part {
	parts := []Part{{Run: *r}}
	for i := range r.Elsewhere {
		p := Part{Run: *r, Where: JoinDifferences(differ(&r.Environment, &r.Elsewhere[i]))}
		p.Run.Environment = r.Elsewhere[i]
		parts = append(parts, p)
	}
	for _, t := range trials {
		p := &parts[t.Environment]
		p.Trials = append(p.Trials, t)
	}
	some := slices.DeleteFunc(slices.Clone(parts), func(p Part) bool { return len(p.Trials) == 0 })
	if len(some) == 0 {
		return parts[:1]
	}
	return some
}
