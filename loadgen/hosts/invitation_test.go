package hosts

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is to be done on another machine is said with the key that is there.
func TestInvitation(t *testing.T) {
	shared, each := makeKeys(t), makeKeys(t, "left", "right")
	for _, row := range []struct {
		name   string
		change func(*Options)
		want   func(c *Controller) []string
	}{
		{"a session", func(*Options) {}, func(c *Controller) []string {
			return []string{"scp " + c.folder.Dir + "/agent.key OTHER-MACHINE:", "connbench agent --join " + c.url() + " --key agent.key --name NAME"}
		}},
		{"a session of known agents", func(o *Options) { o.Agents = []string{"a"} }, func(c *Controller) []string {
			return []string{"scp " + c.folder.Dir + "/agent-a.key a:", "connbench agent --join " + c.url() + " --key agent-a.key --name a"}
		}},
		{"a key for all", func(o *Options) { o.Keys = shared.Dir }, func(c *Controller) []string {
			return []string{"scp " + filepath.Join(shared.Dir, "agent.key") + " OTHER-MACHINE:", "connbench agent --join " + c.url() + " --key agent.key --name NAME"}
		}},
		{"a key each", func(o *Options) { o.Keys = each.Dir }, func(c *Controller) []string {
			return []string{
				"scp " + filepath.Join(each.Dir, "agent-left.key") + " left:", "connbench agent --join " + c.url() + " --key agent-left.key --name left",
				"scp " + filepath.Join(each.Dir, "agent-right.key") + " right:", "connbench agent --join " + c.url() + " --key agent-right.key --name right",
			}
		}},
	} {
		c := open(t, row.change)
		if diff := cmp.Diff(row.want(c), c.Invitation()); diff != "" {
			t.Errorf("%s: %s", row.name, diff)
		}
		if err := c.Close(); err != nil {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}
