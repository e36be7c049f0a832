package loadgen

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"connbench/models/wire"
	"connbench/results"

	"github.com/google/go-cmp/cmp"
)

// speak answers what comes on c in a codec.
func speak(c net.Conn, codec wire.Codec) {
	scratch := wire.NewScratch(codec)
	split := wire.Splitter{Scratch: &scratch}
	left, b := wire.Budget(0), make([]byte, 1<<16)
	for {
		n, err := c.Read(b)
		if err != nil {
			return
		}
		first, whole, end := split.Split(b[:n])
		var out []byte
		left = 1 << 20
		for _, part := range [][]byte{first, whole} {
			for request := range scratch.Requests(part) {
				if out, err = codec.Reply(out, request, &left); err != nil {
					end = err
				}
			}
		}
		if end != nil {
			out = codec.Notice(out, end)
		}
		if c.Write(out); end != nil {
			return
		}
	}
}

func speaking(t *testing.T, framing string, response int) string {
	codec := wire.Open(framing, wire.Options{MaxPayload: 1 << 20, Response: response})
	return serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) { speak(c, codec) })
}

// web serves HTTP as net/http does.
func web(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: handle}
	t.Cleanup(func() { s.Close() })
	go s.Serve(l)
	return l.Addr().String()
}

func TestLoadsText(t *testing.T) {
	tests := []struct {
		name, address, framing string
		load                   func(*Spec)
	}{
		{"line", speaking(t, "line", 0), "line", func(s *Spec) { s.Pipeline = 8 }},
		{"resp", speaking(t, "resp", 0), "resp", func(s *Spec) { s.Pipeline = 8 }},
		{"resp, a key each", speaking(t, "resp", 0), "resp", func(s *Spec) { s.Command, s.Keys = "SET key:{n} {payload}", 10 }},
		{"resp, no such key", speaking(t, "resp", 0), "resp", func(s *Spec) { s.Command = "GET key:{n}" }},
		{"memcache", speaking(t, "memcache", 0), "memcache", func(s *Spec) { s.Pipeline = 8 }},
		{"memcache, flags", speaking(t, "memcache", 0), "memcache", func(s *Spec) { s.Command, s.PayloadBytes = "set key {payload}", 300_000 }},
		{"memcache, no such key", speaking(t, "memcache", 0), "memcache", func(s *Spec) { s.Command = "get key:{n}" }},
		{"http", speaking(t, "http", 500), "http", func(s *Spec) { s.ResponseBytes = 500 }},
		{"http, large", speaking(t, "http", 300_000), "http", func(s *Spec) { s.ResponseBytes = 300_000 }},
		{"http, empty", speaking(t, "http", 0), "http", func(*Spec) {}},
		{"http, head", speaking(t, "http", 500), "http", func(s *Spec) { s.Request = "HEAD /" }},
		{"http, echo", speaking(t, "http", 0), "http", func(s *Spec) { s.Request, s.Pipeline = "POST /echo", 8 }},
		{"http, large echo", speaking(t, "http", 0), "http", func(s *Spec) { s.Request, s.PayloadBytes = "POST /echo", 300_000 }},
		{"http, fields", web(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept") != "a, b" || r.Host != "elsewhere" || r.URL.Path != "/x" {
				w.WriteHeader(http.StatusBadRequest)
			}
		}), "http", func(s *Spec) { s.Request, s.Headers = "GET /x?y", []string{"Accept: a, b", "Host:elsewhere"} }},
		{"net/http, echo in chunks", web(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			for part := range slices.Chunk(body, 1000) {
				w.Write(part)
				w.(http.Flusher).Flush()
			}
		}), "http", func(s *Spec) { s.Request, s.PayloadBytes = "PUT /echo", 5000 }},
		{"net/http, a connection each", web(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Connection", "close")
			io.WriteString(w, "bye")
		}), "http", func(s *Spec) { s.Request, s.ResponseBytes = "GET /bye", 3 }},
		{"an old server", serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
			if request, err := http.ReadRequest(bufio.NewReader(c)); err == nil && request.URL.Path == "/" {
				io.WriteString(c, "HTTP/1.0 200 OK\r\n\r\nto the end")
			}
		}), "http", func(*Spec) {}},
		{"byte by byte", serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
			for b := bufio.NewReader(c); ; {
				if _, err := http.ReadRequest(b); err != nil {
					return
				}
				for _, letter := range []byte("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok") {
					c.Write([]byte{letter})
				}
			}
		}), "http", func(*Spec) {}},
	}
	for _, tt := range tests {
		for _, io := range []IO{AutoIO, EpollIO} {
			t.Run(fmt.Sprintf("%s, %s", tt.name, io), func(t *testing.T) {
				s := quick("tcp", tt.address)
				s.Framing, s.Clients, s.Threads, s.IO = tt.framing, 20, 2, io
				tt.load(&s)
				r := mustAnswer(t, s)
				if len(r.Errors) > 0 || r.Unanswered > 0 || r.Requests == 0 {
					t.Errorf("%d requests, errors %v, %d unanswered", r.Requests, r.Errors, r.Unanswered)
				}
			})
		}
	}
}

// answersHTTP answers each request with the same bytes, and ends if it is told so.
func answersHTTP(t *testing.T, answer string, ends bool) string {
	return serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
		for b := bufio.NewReader(c); ; {
			if _, err := http.ReadRequest(b); err != nil {
				return
			}
			if io.WriteString(c, answer); ends {
				return
			}
		}
	})
}

func TestTextErrors(t *testing.T) {
	const okay = "HTTP/1.1 200 OK\r\n"
	right := string(wire.AppendFill(nil, 4))
	tests := []struct {
		name, answer string
		ends         bool
		class        string
	}{
		{"elsewhere", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", false, "status_3xx"},
		{"not found", "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno\n", false, "status_4xx"},
		{"failed", "HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n", false, "status_5xx"},
		{"failed and closed", "HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", true, "status_5xx"},
		{"shorter", okay + "Content-Length: 3\r\n\r\n" + right[:3], false, "mismatch"},
		{"longer", okay + "Content-Length: 5\r\n\r\n" + right + "x", false, "mismatch"},
		{"another text", okay + "Content-Length: 4\r\n\r\nCONN", false, "mismatch"},
		{"no HTTP", "hello\r\n", false, "mismatch"},
		{"two at once", strings.Repeat(okay+"Content-Length: 4\r\n\r\n"+right, 2), false, "mismatch"},
		{"short body", okay + "Content-Length: 4\r\n\r\nco", true, "short"},
		{"short head", okay, true, "short"},
		{"nothing", "", true, "closed"},
	}
	for _, tt := range tests {
		for _, io := range []IO{AutoIO, EpollIO} {
			t.Run(fmt.Sprintf("%s, %s", tt.name, io), func(t *testing.T) {
				s := quick("tcp", answersHTTP(t, tt.answer, tt.ends))
				s.Framing, s.ResponseBytes, s.IO, s.Clients, s.Threads = "http", 4, io, 10, 1
				s.Warmup = 0
				r := mustAnswer(t, s)
				if r.Errors[tt.class] == 0 || tt.class != "mismatch" && (len(r.Errors) > 1 || r.Requests > 0) {
					t.Errorf("%d requests, errors %v, want %s alone", r.Requests, r.Errors, tt.class)
				}
			})
		}
	}
	for framing, command := range map[string]string{"resp": "FLY {payload}", "memcache": "fly"} {
		s := quick("tcp", speaking(t, framing, 0))
		s.Framing, s.Command, s.Warmup = framing, command, 0
		if r := mustAnswer(t, s); r.Errors["resp_error"] == 0 || len(r.Errors) > 1 || r.Requests > 0 {
			t.Errorf("%s: %d requests, errors %v, want resp_error alone", framing, r.Requests, r.Errors)
		}
	}
}

// What nobody has put is missing in each answer, and no error; what is put before the load is there, as
// long as it was put.
func TestMissing(t *testing.T) {
	for framing, command := range map[string]string{"resp": "get key:{n}", "memcache": "gets key:{n}"} {
		for _, size := range []int{0, 64, 30_000} {
			t.Run(fmt.Sprintf("%s, %d bytes", framing, size), func(t *testing.T) {
				s := quick("tcp", speaking(t, framing, 0))
				s.Framing, s.Command, s.Keys, s.FillBytes, s.Pipeline = framing, command, 3000, size, 8
				r := mustAnswer(t, s)
				trial := r.Trial(&s)
				missing := int64(0)
				if size == 0 {
					missing = r.Requests
				}
				if r.Requests == 0 || len(r.Errors) > 0 || r.Missing != missing || trial.Missing != missing {
					t.Errorf("%d requests, %d missing, want %d; errors %v", r.Requests, r.Missing, missing, r.Errors)
				}
				if share, some := results.Missing.Of(&trial); some != (size == 0) || some && share != 1 {
					t.Errorf("%v of the keys are missing, %v", share, some)
				}
			})
		}
	}
}

// A value that is another than the one put is a mismatch.
func TestFilledIsVerified(t *testing.T) {
	address := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
		for lines := bufio.NewScanner(c); lines.Scan(); {
			switch words := strings.Fields(lines.Text()); words[0] {
			case "set":
				lines.Scan()
				io.WriteString(c, "STORED\r\n")
			case "get":
				fmt.Fprintf(c, "VALUE %s 0 5\r\nhello\r\nEND\r\n", words[1])
			}
		}
	})
	s := quick("tcp", address)
	s.Framing, s.Command, s.FillBytes = "memcache", "get key:{n}", 5
	if r := mustAnswer(t, s); r.Errors["mismatch"] == 0 || r.Requests > 0 {
		t.Errorf("%d requests, errors %v, want mismatch", r.Requests, r.Errors)
	}
}

func TestFillRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		answer, says string
		framing      string
	}{
		"an error":    {"-OOM no room\r\n", "keys 0 to 2: the server says \"-OOM no room\"", "resp"},
		"no protocol": {"hello\r\n", "keys 0 to 2: the server says \"hello\"", "memcache"},
		"an end":      {"", "keys 0 to 2: ", "resp"},
	} {
		t.Run(name, func(t *testing.T) {
			s := quick("tcp", serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
				c.Read(make([]byte, 1000))
				io.WriteString(c, tt.answer)
			}))
			s.Framing, s.Command, s.Keys, s.FillBytes = tt.framing, "get key:{n}", 3, 5
			if _, err := Run(t.Context(), s, Stages{}); err == nil || !strings.HasPrefix(err.Error(), "keys cannot be put before the load: "+tt.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// The keys are drawn from all there are, and are the same for the same seed.
func TestKeys(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]bool{}
	address := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
		for lines := bufio.NewScanner(c); lines.Scan(); {
			if strings.HasPrefix(lines.Text(), "key:") {
				mu.Lock()
				seen[lines.Text()] = true
				mu.Unlock()
				io.WriteString(c, "+OK\r\n")
			}
		}
	})
	s := quick("tcp", address)
	s.Framing, s.Command, s.Keys, s.Clients = "resp", "GET key:{n}", 5, 4
	drawn := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(seen)
	}
	for drawn() < 5 {
		if r := mustAnswer(t, s); len(r.Errors) > 0 {
			t.Fatal(r.Errors)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	want := map[string]bool{}
	for key := range 5 {
		want[fmt.Sprintf("key:%012d", key)] = true
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func TestValidateRequests(t *testing.T) {
	tests := []struct {
		change func(*Spec)
		field  string // "" for none
	}{
		{func(s *Spec) { s.Framing = "http" }, ""},
		{func(s *Spec) { s.Framing, s.Request = "http", "POST /echo" }, ""},
		{func(s *Spec) { s.Framing, s.Request, s.PayloadBytes = "http", "GET /x", 0 }, ""},
		{func(s *Spec) { s.Framing, s.Request, s.PayloadBytes = "http", "POST /x", 0 }, "payload"},
		{func(s *Spec) { s.Framing, s.Request = "http", "GET" }, "request"},
		{func(s *Spec) { s.Framing, s.Request = "http", "get /" }, "request"},
		{func(s *Spec) { s.Framing, s.Request = "http", "GET x" }, "request"},
		{func(s *Spec) { s.Framing, s.Request = "http", "GET /a b" }, "request"},
		{func(s *Spec) { s.Framing, s.Request = "http", "GET /{n}/{n}" }, "request"},
		{func(s *Spec) { s.Framing, s.Request = "http", "GET /\r\nX: y" }, "request"},
		{func(s *Spec) { s.Framing, s.Headers = "http", []string{"X"} }, "header"},
		{func(s *Spec) { s.Framing, s.Headers = "http", []string{"X: a\nb"} }, "header"},
		{func(s *Spec) { s.Framing, s.Headers = "http", []string{"Content-length: 5"} }, "header"},
		{func(s *Spec) { s.Request = "GET /" }, "request"},
		{func(s *Spec) { s.Headers = []string{"A: b"} }, "header"},
		{func(s *Spec) { s.Command = "PING" }, "command"},
		{func(s *Spec) { s.Framing, s.Command = "resp", "SET {payload} {n}" }, "command"},
		{func(s *Spec) { s.Framing, s.Command = "resp", " " }, "command"},
		{func(s *Spec) { s.Framing = "memcache" }, ""},
		{func(s *Spec) { s.Framing, s.Command = "memcache", "gets a b {n}" }, ""},
		{func(s *Spec) { s.Framing, s.Command = "memcache", "add a 1 -1 {payload}" }, ""},
		{func(s *Spec) { s.Framing, s.Command = "memcache", "set a 1 {payload}" }, "command"},
		{func(s *Spec) { s.Framing, s.Command = "memcache", "set a 0 0 1" }, "command"},
		{func(s *Spec) { s.Framing, s.Command = "memcache", "set a {payload} noreply" }, "command"},
		{func(s *Spec) { s.Framing, s.Command = "memcache", "delete a noreply" }, "command"},
		{func(s *Spec) { s.Framing, s.Command = "memcache", "get {payload}" }, "command"},
		{func(s *Spec) { s.Framing, s.Command = "memcache", "set {payload} {payload}" }, "command"},
		{func(s *Spec) { s.Framing, s.Command = "memcache", "get {n}{n}" }, "command"},
		{func(s *Spec) { s.Framing, s.Command = "memcache", "get a\r\nget b" }, "command"},
		{func(s *Spec) { s.Framing, s.Command = "memcache", "quit" }, "command"},
		{func(s *Spec) { s.Framing, s.Keys = "resp", -1 }, "keys"},
		{func(s *Spec) { s.Framing, s.ResponseBytes = "resp", 5 }, "response-size"},
		{func(s *Spec) { s.Framing, s.Command, s.FillBytes = "resp", "get a{n}", 5 }, ""},
		{func(s *Spec) { s.Framing, s.Command, s.FillBytes = "resp", "GET a", 5 }, "fill"},
		{func(s *Spec) { s.Framing, s.FillBytes = "resp", 5 }, "fill"},
		{func(s *Spec) { s.Framing, s.Command, s.FillBytes = "memcache", "GET {n}", 5 }, "fill"},
		{func(s *Spec) { s.FillBytes = 5 }, "fill"},
		{func(s *Spec) { s.Framing, s.Command, s.FillBytes = "resp", "GET {n}", -5 }, "fill"},
		{func(s *Spec) { s.Framing, s.Command, s.FillBytes = "resp", "GET {n}", 1<<20+1 }, "fill"},
		{func(s *Spec) { s.Framing, s.Command, s.FillBytes, s.Keys = "resp", "GET {n}", 5, 1e8 }, "keys"},
		{func(s *Spec) { s.Framing = "smtp" }, "framing"},
	}
	for i, tt := range tests {
		s := quick("tcp", "127.0.0.1:1")
		tt.change(&s)
		err, _ := s.Validate().(*SpecError)
		if err == nil && tt.field != "" || err != nil && err.Field != tt.field {
			t.Errorf("%d: %v, want a complaint of %q", i, err, tt.field)
		}
	}
}
