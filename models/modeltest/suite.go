// Package modeltest is the conformance suite of the models: what a server owes
// its clients and whoever starts and stops it, whatever its model.
//
// It looks at a server from outside only, through [models.Server], its counters
// and real sockets. Waits are on events; the one deadline, patience, is there to
// end a test that fails. The cases count descriptors and threads of the process,
// so that tests calling [Run] must not run in parallel.
package modeltest

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"connbench/models"
)

const patience = 30 * time.Second

// target is a model in one of the ways in which it can be asked to serve.
type target struct {
	model   models.Model
	network string
	framing models.Framing
	tweaks  []func(*models.Config)
}

// testCase is one promise. The needs say where it means something.
type testCase struct {
	name  string
	needs func(*target) bool
	run   func(*testing.T, *target)
}

// Run holds m to the suite, on every network that it serves and in every
// framing that it speaks. Where nothing would be new that is not all of both, unless
// the environment's CONNBENCH_WHOLE asks for it, as `make conformance` does. The tweaks change the Config of each server that is started, to say
// how many loops or workers it has, for example.
func Run(t *testing.T, m models.Model, tweaks ...func(*models.Config)) {
	checkLacks(t, m)
	for _, network := range m.Networks {
		for _, framing := range framings(m, network) {
			(&target{m, network, framing, tweaks}).runAll(t)
		}
	}
}

// RunSetting is [Run] for a further setting of a knob, on the model's first network
// and in its first framing: that much is enough where only the knob is new.
func RunSetting(t *testing.T, m models.Model, tweaks ...func(*models.Config)) {
	network := m.Networks[0]
	(&target{m, network, framings(m, network)[0], tweaks}).runAll(t)
}

// framings are those that m speaks on a network.
func framings(m models.Model, network string) []models.Framing {
	if network == "udp" { // the datagram is the frame
		return []models.Framing{models.Length}
	}
	all := []models.Framing{models.Length, models.Raw, models.Line, models.RESP, models.Memcache, models.HTTP}
	if m.Framings != nil {
		all = m.Framings
	}
	if network != m.Networks[0] && !whole() {
		return all[:1] // what they mean is the same on every network
	}
	return all
}

// wholeEnv asks for every case in every framing on every network.
const wholeEnv = "CONNBENCH_WHOLE"

func whole() bool { return os.Getenv(wholeEnv) != "" }

// ofText are the cases that the two simpler protocols of text are held to unless all were asked
// for: with HTTP a server has what is hard about any.
var ofText = []string{
	"EchoesEverySize", "EchoesManyInOneSegment", "Refuses", "RefusesBehindReplies", "EndsAsAsked", "SharesValues",
	"CutAtEveryByte", "HalfClose", "Truncated", "ReadsLate", "ShutdownFinishesHalfArrived", "ShutdownAnswersArrived",
}

// ofValues are those of memcached's protocol, which is to a server what Redis's is.
var ofValues = []string{"EchoesManyInOneSegment", "Refuses", "EndsAsAsked", "SharesValues", "CutAtEveryByte"}

// leavesOut reports whether the target is not held to a case that it has.
func (g *target) leavesOut(name string) bool {
	switch {
	case whole() || g.model.Framings != nil:
		return false
	case g.framing == models.Memcache:
		return !slices.Contains(ofValues, name)
	}
	return (g.framing == models.Line || g.framing == models.RESP) && !slices.Contains(ofText, name)
}

// once is for promises that have nothing to do with what goes over the connections: they are
// kept in the first framing or not at all.
func once(needs func(*target) bool) func(*target) bool {
	return func(g *target) bool {
		return needs(g) && (!stream(g) || g.framing == framings(g.model, g.network)[0])
	}
}

func (g *target) runAll(t *testing.T) {
	t.Run(g.network+"/"+string(g.framing), g.runCases)
}

func (g *target) runCases(t *testing.T) {
	s, err := g.model.Listen(g.config(t))
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases() {
		if !c.needs(g) || g.leavesOut(c.name) {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			if why := g.lack(c.name) + g.plainOnly(c.name); why != "" {
				t.Skip(why)
			}
			checkLeaks(t)
			c.run(t, g)
		})
	}
}

func (g *target) config(t *testing.T) models.Config {
	t.Helper()
	cfg := g.tweaked()
	if g.network == "unix" {
		cfg.Address = filepath.Join(shortTempDir(t), "s")
	}
	return cfg
}

func (g *target) tweaked() models.Config {
	cfg := models.DefaultConfig()
	cfg.Network, cfg.Framing = g.network, g.framing
	for _, tweak := range g.tweaks {
		tweak(&cfg)
	}
	return cfg
}

// shortTempDir is t.TempDir without the test's name in it: the path of a Unix
// socket has room for about a hundred bytes.
func shortTempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// limit is how many clients are served at once; 0 for all of them.
func (g *target) limit(cfg models.Config) int {
	if g.model.ServesAtOnce == nil {
		return 0
	}
	return g.model.ServesAtOnce(cfg)
}

func (g *target) atOnce(cfg models.Config, n int) int {
	if limit := g.limit(cfg); limit > 0 {
		return min(limit, n)
	}
	return n
}

func always(*target) bool     { return true }
func stream(g *target) bool   { return g.network != "udp" }
func datagram(g *target) bool { return g.network == "udp" }
func bounded(g *target) bool  { return stream(g) && g.framing != models.Raw }
func framed(g *target) bool   { return stream(g) && g.framing == models.Length }
func echoing(g *target) bool  { return framed(g) || stream(g) && g.framing == models.Raw }
func texts(g *target) bool    { return bounded(g) && !framed(g) }
func web(g *target) bool      { return stream(g) && g.framing == models.HTTP }
func limited(g *target) bool  { return g.model.ServesAtOnce != nil }

// cases lists the suite, one block a file.
func cases() []testCase {
	return []testCase{
		{"EchoesEverySize", stream, testEchoSizes},
		{"EchoesManyInOneSegment", stream, testManyInOneSegment},

		{"AnswersOfAskedSize", framed, testAskedSizes},
		{"AskedLimits", framed, testAskedLimits},
		{"AskedTooMuch", framed, testAskedTooMuch},

		{refuses, bounded, testRefuses},
		{"RefusesBehindReplies", bounded, testRefusesBehindReplies},
		{"EndsAsAsked", texts, testEndsAsAsked},
		{"Continues", web, testContinues},
		{"AnswersHead", web, testAnswersHead},
		{"AnswersInOrder", web, testAnswersInOrder},
		{"SharesValues", inOneProcess, testSharesValues},

		{"CutAtEveryByte", stream, testCutAtEveryByte},

		{"ManyAtOnce", stream, testManyAtOnce},
		{"OthersWaitTheirTurn", once(limited), testOthersWait},

		{"HalfClose", stream, testHalfClose},
		{"Truncated", bounded, testTruncated},
		{"GoneWithRepliesUnread", stream, testGoneWithRepliesUnread},

		{"Reset", stream, testReset},
		{"ResetStorm", once(stream), testResetStorm},
		{"ResetWhileAnswered", stream, testResetWhileAnswered},
		{"ReadsLate", stream, testReadsLate},

		{"Garbage", echoing, testGarbage},
		{"SlowSenders", stream, testSlowSenders},
		{"ConnectStorm", once(stream), testConnectStorm},
		{"Churn", churning, testChurn},
		{"OutOfDescriptors", once(inProcess), testOutOfDescriptors},
		{"ManyOutOfDescriptors", once(inProcess), testManyOutOfDescriptors},

		{"NeverReads", stream, testNeverReads},
		{"IdleIsClosed", stream, testIdleIsClosed},
		{"IdleInsideFrameIsClosed", bounded, testIdleInsideFrame},
		{"ActiveIsNotIdle", stream, testActiveIsNotIdle},

		{"DatagramEchoesEverySize", datagram, testDatagramSizes},
		{"DatagramEmptyAmongOthers", datagram, testDatagramEmpty},
		{"DatagramClientGone", datagram, testDatagramClientGone},
		{"DatagramGarbage", datagram, testDatagramGarbage},
		{"DatagramFlood", datagram, testDatagramFlood},

		{"ListensAsAsked", once(onIP), testListensAsAsked},
		{"RestartAtOnce", once(always), testRestart},
		{"StartStopKeepsNoThread", once(always), testThreads},

		{"ShutdownEndsIdle", stream, testShutdownEndsIdle},
		{"ShutdownFinishesHalfArrived", bounded, testShutdownHalfArrived},
		{"ShutdownAnswersArrived", stream, testShutdownAnswersArrived},
		{"ShutdownAnswersPipelined", stream, testShutdownAnswersPipelined},
		{"ShutdownEndsWaiting", once(limited), testShutdownEndsWaiting},
		{"ShutdownUnderLoad", stream, testShutdownUnderLoad},
		{"ShutdownBeforeServe", once(always), testShutdownBeforeServe},
		{"ShutdownTwice", once(always), testShutdownTwice},
		{"ShutdownAtOnce", once(always), testShutdownAtOnce},
		{"ShutdownOutOfTime", bounded, testShutdownOutOfTime},
	}
}
