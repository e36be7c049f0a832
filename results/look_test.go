package results

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLooksAreKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	store, err := Create(dir, Run{Trials: 96})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	looks := []Look{
		{Trial: 48, Blocks: 8, Planned: 16, Level: 0.0056, Clients: 16, PayloadBytes: 64, Left: []Leaving{{"thread", "server CPU/req at least 2.1 times the best's"}}},
		{Trial: 60, Blocks: 10, Planned: 16, Level: 0.013, Clients: 16, PayloadBytes: 64, RateRPS: 1000, Left: []Leaving{{"pool", "failed in each of 10 trials"}, {"poll", "failed in each of 10 trials"}}},
	}
	for n := range looks {
		if err := store.Looked(looks[:n+1]); err != nil {
			t.Fatal(err)
		}
	}
	run, _, _, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(looks, run.Looks); diff != "" || run.Planned() != 96-8-12 {
		t.Errorf("%d trials planned; %s", run.Planned(), diff)
	}
}

func TestLooksThatCannotBe(t *testing.T) {
	for text, want := range map[string]string{
		"{":                                   "looks.jsonl:1: ",
		"{}\n{\"blocks\":-1}":                 "looks.jsonl:2: blocks: -1 is not allowed",
		`{"left":[{"model":"\u001b[2J"}]}`:    "looks.jsonl:1: left.model: ",
		`{"left":[{"why":"\u001b[2J"}]}`:      "looks.jsonl:1: left.why: ",
		`{"blocks_planned":1e300,"blocks":2}`: "looks.jsonl:1: ",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, looksFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readLooks(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
