# make bench      build, then measure all models in short: a table, a page, figures; under five minutes
# make test       the tests, with the race detector; under five minutes
# make check      what a change must pass beside them
# make fuzz       each fuzz target for FUZZTIME
# make conformance the models' suite as a whole, in every protocol on every network
# make churn      tens of thousands of connections, opened and reset at full speed, on each model
# make selfcheck  an hour and a half of simulating and measuring how good the statistics are on this machine
# make crosscheck some ten minutes of `load` against clients that others wrote, on the same servers in turns
# make clean      remove what was built; runs/ stays

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME    = 20s
DURATION    = 5s
ROUNDS      = 5
ROOMS       = ./models/blocking ./models/readiness ./models/completion ./models/datagram ./models/processes

.PHONY: bench build test check fuzz conformance churn selfcheck crosscheck clean

bench: build
	bin/connbench run --payloads 64B --clients 16,256 --trials 6 --retries 1 --timeout 500ms

build:
	go build -buildvcs=auto -o bin/connbench ./cmd/connbench
	go build -buildvcs=auto -tags engines -o bin/connbench-engines ./cmd/connbench

test:
	# The longest first, and one more at once than there are CPUs on two: many tests wait. A
	# process with the race detector sleeps for a second in the end, unless it is told not to.
	GORACE=atexit_sleep_ms=0 go test -race -timeout 20m -p 3 ./cmd/connbench ./results/stats ./loadgen/sweep ./models/... ./...

check:
	go vet ./...
	go vet -tags engines ./cmd/connbench
	go vet -tags selfcheck ./cmd/connbench ./results/stats
	go vet -tags crosscheck ./cmd/connbench
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

churn:
	# A suite is two levels below its test, or three where that has settings; what is only
	# two would run as a whole in the second line.
	CONNBENCH_CHURN=50000 go test -p 1 -run '.*/.*/.*/Churn' -count 1 -timeout 60m $(ROOMS)
	CONNBENCH_CHURN=50000 go test -p 1 -run '.*/.*/.*/.*/Churn' -skip '.*/^(tcp|unix|udp)$$' -count 1 -timeout 60m $(ROOMS) ./models/engines

selfcheck:
	go test -tags selfcheck -run Fit -count 1 -v -timeout 90m ./results/stats
	go test -tags selfcheck -run Selfcheck -count 1 -v -timeout 90m ./cmd/connbench

crosscheck:
	CONNBENCH_DURATION=$(DURATION) CONNBENCH_ROUNDS=$(ROUNDS) go test -tags crosscheck -run '^TestCross(check|Table)$$' -count 1 -v -timeout 90m ./cmd/connbench

clean:
	rm -rf bin
