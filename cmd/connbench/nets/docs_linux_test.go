package nets

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// prompt is a line of the page on hosts that is typed on one of two machines.
var prompt = regexp.MustCompile(`(?m)^    (one|two)\$ ([^#\n]+)`)

// What the page on hosts has two machines do is done on two hosts, in folders with what make builds,
// and with shorter trials.
func TestTwoMachines(t *testing.T) {
	t.Parallel()
	f := &fleet{network: newNetwork(t, "one", "two"), clients: []string{"one"}, agents: map[string]*program{}}
	folders := map[string]string{}
	for _, host := range f.hosts {
		folders[host] = t.TempDir()
		if err := os.Symlink(filepath.Dir(connbench(t)), filepath.Join(folders[host], "bin")); err != nil {
			t.Fatal(err)
		}
	}
	lines := prompt.FindAllStringSubmatch(read(t, "../../../.github/docs/hosts.md"), -1)
	if len(lines) < 6 {
		t.Fatalf("the page has %q", lines)
	}
	var last *program
	for _, line := range lines {
		host, command := line[1], strings.ReplaceAll(strings.TrimSpace(line[2]), "//ONE:", "//"+f.address("one")+":")
		if from, copied := strings.CutPrefix(command, "scp "); copied {
			from = filepath.Join(folders[host], strings.Fields(from)[0])
			if err := os.WriteFile(filepath.Join(folders["two"], filepath.Base(from)), []byte(read(t, from)), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		words := strings.Fields(command)
		if words[1] == "run" {
			words = append(words, "--trials", "2", "--retries", "0", "--duration", "100ms", "--out", "runs")
		}
		stays := words[len(words)-1] == "&"
		last = f.start(host, append([]string{"sh", "-c", `cd "$0" && exec "$@"`, folders[host]}, strings.Fields(strings.TrimSuffix(strings.Join(words, " "), "&"))...)...)
		if !stays {
			last.exits(0)
		}
	}
	whole(t, filepath.Join(folders["one"], "runs"), 4)
	if said := strings.Join(strings.Fields(last.output()), " "); !strings.Contains(said, "2 hosts: server two") {
		t.Errorf("the report does not say where: %s", said)
	}
}
