# make bench      build, then measure all models in short: a table, a page, figures; under five minutes
# make test       the tests, with the race detector where there are goroutines; under five minutes
# make race       all of them with it
# make hosts-check the tests of several machines (root, iproute2): NATS, and network namespaces for hosts
# make check      what a change must pass beside them
# make fuzz       each fuzz target for FUZZTIME
# make conformance the models' suite as a whole, in every protocol on every network
# make page-check the pages in Chromium against the rules of axe-core (npm); PICTURES=DIR keeps pictures of them
# make churn      tens of thousands of connections, opened and reset at full speed, on each model
# make selfcheck  an hour and a half of simulating and measuring how good the statistics are on this machine
# make crosscheck some ten minutes of `load` against clients that others wrote, on the same servers in turns
# make manyhosts  a simulation: one controller and AGENTS agents, with what it takes
# make hosts-demo  from keys to a report over five hosts that are network namespaces (root, iproute2)
# make hosts-measure what hosts add to trials, between such namespaces, on a quiet machine: half a minute a round, intervals from six on (root)
# make clean      remove what was built; runs/ stays

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
AXE         = axe-core@4.14.1
FUZZTIME    = 20s
DURATION    = 5s
ROUNDS      = 5
AGENTS      = 1000
PURE        = /(results|plots|models/source|models/python|models/foreign|loadgen/message|loadgen/pace)(/|$$)
HOSTS       = /(loadgen/hosts|cmd/connbench/nets)$$
LONGEST     = ./models/engines ./loadgen/sweep ./models/blocking
ROOMS       = ./models/blocking ./models/readiness ./models/completion ./models/datagram ./models/processes

.PHONY: bench build test race hosts-check check fuzz conformance page-check churn selfcheck crosscheck manyhosts hosts-demo hosts-measure clean

bench: build
	bin/connbench run --payloads 64B --clients 16,256 --trials 6 --retries 1 --timeout 500ms

build:
	go build -buildvcs=auto -o bin/connbench ./cmd/connbench
	go build -buildvcs=auto -tags engines -o bin/connbench-engines ./cmd/connbench
	go build -buildvcs=auto -tags hosts -o bin/connbench-hosts ./cmd/connbench

test:
	# What has no goroutine of its own, or starts programs without the detector, needs no race detector, with which
	# statistics take ten times as long; make race has all. Both halves run at once, the longest first, and more
	# tests than there are CPUs on two: many wait. A process with the detector sleeps for a second in the end, unless
	# it is told not to.
	go test -timeout 20m -p 2 -parallel 4 ./cmd/connbench $$(go list ./... | grep -E '$(PURE)') & plain=$$!; \
	GORACE=atexit_sleep_ms=0 go test -race -timeout 20m -p 2 -parallel 4 $(LONGEST) $$(go list ./... | grep -vE '$(PURE)|$(HOSTS)|/cmd/connbench$$'); \
	raced=$$?; wait $$plain && exit $$raced

hosts-check:
	# Several machines: NATS, and hosts that are network namespaces. It takes root and iproute2.
	GORACE=atexit_sleep_ms=0 go test -race -timeout 20m -parallel 8 $$(go list ./... | grep -E '$(HOSTS)')

race:
	GORACE=atexit_sleep_ms=0 go test -race -timeout 60m -p 3 -parallel 4 ./...

check:
	go vet ./...
	go vet -tags engines ./cmd/connbench
	go vet -tags hosts ./cmd/connbench/...
	go vet -tags selfcheck ./cmd/connbench ./results/stats
	go vet -tags crosscheck ./cmd/connbench
	go vet -tags hostsdemo,hostsmeasure ./cmd/connbench/nets
	GOOS=darwin go vet ./...
	@unformatted=$$(gofmt -l cmd loadgen models plots results); \
	if [ -n "$$unformatted" ]; then echo "not gofmted: $$unformatted"; exit 1; fi
	go run $(STATICCHECK) ./...

fuzz:
	@for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$package || exit 1; \
		done; \
	done

conformance:
	# Every case of the suite in every protocol on every network, of which `make test` leaves some out.
	CONNBENCH_WHOLE=1 go test -p 1 -count 1 -timeout 60m $(ROOMS) ./models/engines
	# And a table that is interrupted after each trial, with all its questions.
	CONNBENCH_WHOLE=1 go test -count 1 -timeout 10m -run '^TestTableResumes$$' ./loadgen/sweep

page-check:
	# On a phone, a tablet and a desk, in light and dark, and on paper; PAGES="run/report.html ..." has pages of yours looked at too.
	@axe=$$(mktemp -d); trap 'rm -rf "$$axe"' EXIT; \
	npm install --silent --no-save --no-audit --no-fund --prefix "$$axe" $(AXE) && \
	CI=1 CONNBENCH_AXE="$$axe/node_modules/axe-core/axe.min.js" CONNBENCH_PICTURES="$(abspath $(PICTURES))" CONNBENCH_PAGES="$(abspath $(PAGES))" \
		go test -run '^TestCheck$$' -count 1 -timeout 10m ./plots/page

churn:
	# A suite is two levels below its test, or three where that has settings; what is only
	# two would run as a whole in the second line.
	CONNBENCH_CHURN=50000 go test -p 1 -run '.*/.*/.*/Churn' -count 1 -timeout 60m $(ROOMS)
	CONNBENCH_CHURN=50000 go test -p 1 -run '.*/.*/.*/.*/Churn' -skip '.*/^(tcp|unix|udp)$$' -count 1 -timeout 60m $(ROOMS) ./models/engines

selfcheck:
	go test -tags selfcheck -run Fit -count 1 -v -timeout 90m ./results/stats
	go test -tags selfcheck -run Selfcheck -count 1 -v -timeout 90m ./cmd/connbench

crosscheck:
	CONNBENCH_DURATION=$(DURATION) CONNBENCH_ROUNDS=$(ROUNDS) go test -tags crosscheck -run '^TestCross(check|Table|Echo)$$' -count 1 -v -timeout 90m ./cmd/connbench

manyhosts:
	CONNBENCH_AGENTS=$(AGENTS) go test -run '^TestManyAgents$$' -count 1 -v -timeout 20m ./loadgen/hosts

hosts-demo:
	CI=1 go test -tags hostsdemo -run '^TestDemo$$' -count 1 -v ./cmd/connbench/nets

hosts-measure:
	CI=1 CONNBENCH_ROUNDS=$(ROUNDS) go test -tags hostsmeasure -run '^TestMeasure$$' -count 1 -v -timeout 90m ./cmd/connbench/nets

clean:
	rm -rf bin
